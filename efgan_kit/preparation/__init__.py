"""Preparation: how faces are found in pictures, measured and levelled; the same for training and for editing."""

from efgan_kit.preparation.finding import FaceFinder, LabelledFace
from efgan_kit.preparation.record import FILE, Preparation, installed_preparation

__all__ = ["FILE", "FaceFinder", "LabelledFace", "Preparation", "installed_preparation"]
