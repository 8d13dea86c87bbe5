"""A meter of AU12 that has no part in the training: ridge regression on HOG features, fitted to OpenFace's labels.

The training's own AUs come from MediaPipe; neither its landmarks nor its blendshapes are used here. The features are
those that OpenFace's regressors rest on (Felzenszwalb et al., PAMI 2010; Baltrusaitis et al., FG 2015).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from efgan_kit.components.datasets.photos.framing import cut, level_frame

SIDE: Final = 112
FOLDS: Final = 6
PENALTIES: Final = (1e2, 1e3, 1e4, 1e5)

Values = NDArray[np.float64]


def features(pixels: NDArray[np.uint8], landmarks: NDArray[np.float32]) -> Values:
    """Histograms of oriented gradients of a face in a picture `(H, W, 3)`, aligned by its eyes and nose."""
    import pyfhog

    face = cut(pixels, level_frame(landmarks), SIDE).numpy().transpose(1, 2, 0)
    described: Values = pyfhog.extract_fhog_features(np.ascontiguousarray(face[:, :, ::-1]))
    return described


def read_pixels(path: object) -> NDArray[np.uint8]:
    """A photograph, RGB `(H, W, 3)`."""
    with Image.open(str(path)) as picture:
        return np.asarray(picture.convert("RGB"))


@attrs.frozen(eq=False)
class Meter:
    """A fitted ridge regression.

    Attributes:
        correlation: Pearson's r with the labels of people whom the regression had not seen, in cross-validation.
        penalty: The one with the smallest error there.
    """

    correlation: float
    penalty: float
    _mean: Values
    _scale: Values
    _weights: Values
    _offset: float

    def __call__(self, described: Values) -> Values:
        """AU12, in 0..5 but not bounded to it, of features `(N, D)`."""
        read: Values = (described - self._mean) / self._scale @ self._weights + self._offset
        return read


def fit(described: Values, labels: Values, people: Sequence[str]) -> Meter:
    """Fit AU12 to features `(N, D)`; the penalty is chosen by folds that share no person."""
    names = sorted(set(people))
    fold = np.array([names.index(person) % FOLDS for person in people])
    guesses = {penalty: np.zeros(len(labels)) for penalty in PENALTIES}
    for number in range(FOLDS):
        out = fold == number
        for penalty, guess in guesses.items():
            guess[out] = _ridge(described[~out], labels[~out], penalty)(described[out])
    best = min(PENALTIES, key=lambda penalty: float(np.mean((guesses[penalty] - labels) ** 2)))
    return _ridge(described, labels, best, float(np.corrcoef(guesses[best], labels)[0, 1]))


def _ridge(x: Values, y: Values, penalty: float, correlation: float = float("nan")) -> Meter:
    mean, scale = x.mean(axis=0), x.std(axis=0) + 1e-6
    z = (x - mean) / scale
    # There are far more features than faces: solved in the space of the faces.
    dual = np.linalg.solve(z @ z.T + penalty * np.eye(len(y)), y - y.mean())
    return Meter(correlation, penalty, mean, scale, z.T @ dual, float(y.mean()))


def area_under_curve(low: Values, high: Values) -> float:
    """The share of pairs in which one of `high` is above one of `low`: 0.5 is chance, 1 tells them apart always."""
    above, level = high[:, None] > low[None], high[:, None] == low[None]
    return float((above + level / 2).mean())
