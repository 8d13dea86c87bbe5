"""Whether attention maps still choose between copying and redrawing, and how they came to it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Final, Literal

import attrs
import torch
from torch import Tensor

from efgan_kit.evaluation.explanation.figures import Range
from efgan_kit.training.run_folder import RunFolder

LOW: Final = 0.05
HIGH: Final = 0.95
SATURATED: Final = 0.95
"""A map of which this share is below `LOW` copies; above `HIGH`, repaints."""
FLAT: Final = 0.02
"""A map whose pixels deviate less than this does not tell one place from another."""

Verdict = Literal["copies", "repaints", "flat", "fine"]


@attrs.frozen
class MapFigures:
    """A region's attention maps.

    Attributes:
        mean: Of all pixels; 1 = edited.
        low: The share of pixels below `LOW`.
        high: The share of pixels above `HIGH`.
        entropy: The mean of the pixels' binary entropy in bits: 0 where all is decided, 1 where nothing is.
        spread: The standard deviation over a map's pixels.
        verdict: What that comes to.
    """

    mean: Range
    low: Range
    high: Range
    entropy: Range
    spread: Range
    verdict: Verdict


@attrs.frozen
class Logged:
    """The maps' means as the training logged them: by region, at the first, the middle and the last of its lines."""

    steps: tuple[int, ...]
    means: Mapping[str, tuple[float, ...]]


def measured(maps: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """By region, five figures `(5,)` of one batch's maps `(B, 1, h, w)`, in the order of `MapFigures`."""
    return {region: _measured(map_.double().cpu()) for region, map_ in maps.items()}


def _measured(map_: Tensor) -> Tensor:
    rest = 1 - map_
    entropy = -(torch.xlogy(map_, map_) + torch.xlogy(rest, rest)) / math.log(2)
    spread = map_.flatten(1).std(dim=1, correction=0)
    shares = (map_, (map_ < LOW).double(), (map_ > HIGH).double(), entropy, spread)
    return torch.stack([each.mean() for each in shares])


def map_figures(batches: Sequence[Mapping[str, Tensor]]) -> dict[str, MapFigures]:
    """By region, over all batches."""
    return {region: _figures([batch[region] for batch in batches]) for region in batches[0]} if batches else {}


def _figures(measured: Sequence[Tensor]) -> MapFigures:
    mean, low, high, entropy, spread = (Range.of(figure) for figure in torch.stack(list(measured)).unbind(dim=1))
    verdict: Verdict = "fine"
    if low.mean >= SATURATED:
        verdict = "copies"
    elif high.mean >= SATURATED:
        verdict = "repaints"
    elif spread.mean < FLAT:
        verdict = "flat"
    return MapFigures(mean, low, high, entropy, spread, verdict)


def read_logged(run: RunFolder) -> Logged | None:
    """What the run's log says of attention; None if it says nothing. Lines that are not whole are passed over."""
    try:
        lines = run.log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    records = [record for record in map(_record, lines) if record is not None]
    if not records:
        return None
    chosen = [records[place] for place in dict.fromkeys((0, (len(records) - 1) // 2, len(records) - 1))]
    regions = [region for region in chosen[-1][1] if all(region in means for _, means in chosen)]
    return Logged(
        tuple(step for step, _ in chosen), {region: tuple(means[region] for _, means in chosen) for region in regions}
    )


def _record(line: str) -> tuple[int, dict[str, float]] | None:
    try:
        record = json.loads(line)
        means = {str(region): float(mean) for region, mean in record["attention"].items()}
        return int(record["step"]), means
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        return None
