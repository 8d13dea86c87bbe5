"""One training in many processes: each learns from its share of every batch, and all hold the same weights."""

from efgan_kit.training.distribution.joining import joined
from efgan_kit.training.distribution.processes import ALONE, Processes

__all__ = ["ALONE", "Processes", "joined"]
