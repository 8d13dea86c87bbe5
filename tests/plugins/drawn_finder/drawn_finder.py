"""Finds the faces of pictures that `pictured` made: drawn people side by side, whose landmarks are known."""

import numpy as np

from efgan_kit.api import FoundFace, hookimpl
from efgan_kit.components.datasets.drawing import au_vector, draw_face, sample_identity

SIDE = 256
MEASURED = {"AU12": 0.2, "AU06": 0.1, "AU25": 0.05, "AU26": 0.0}


def pictured(people):
    """So many drawn people side by side, `(SIDE, people * SIDE, 3)`, on a grey that says that they are."""
    faces = [_drawn(number)[0] for number in range(people)]
    picture = np.concatenate(faces, axis=1)
    picture[0, 0] = (1, 2, 3)
    return picture


def _drawn(number):
    return draw_face(sample_identity(np.random.default_rng(number)), au_vector({}), SIDE)


class Landmarks:
    """Finds them."""

    def __call__(self, picture):
        if tuple(picture.pixels[0, 0]) != (1, 2, 3):
            return []
        width, height = picture.size
        return [
            FoundFace(_drawn(number)[1] * (height / SIDE) + np.float32([number * height, 0]), pose=(0.0, 0.0, 0.0))
            for number in range(round(width / height))
        ]


class Measures:
    """Measures them: all the same."""

    def __init__(self):
        self.units, self.blind = tuple(MEASURED), {}

    def __call__(self, picture, face):
        return MEASURED


@hookimpl
def efgan_components(register):
    register("landmarker", "drawn", "drawn_finder:Landmarks", "Finds drawn people")
    register("au-labeller", "drawn", "drawn_finder:Measures", "Measures drawn people")
