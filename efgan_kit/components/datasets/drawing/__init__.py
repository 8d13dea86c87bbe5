"""Faces drawn by code: the true picture of a person under any action units is known."""

from .expressions import DRAWN_AUS, au_vector, sample_aus
from .identity import Identity, sample_identity
from .paint import draw_face

__all__ = ["DRAWN_AUS", "Identity", "au_vector", "draw_face", "sample_aus", "sample_identity"]
