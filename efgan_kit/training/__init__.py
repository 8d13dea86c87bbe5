"""Training: the loop, its random streams, its checkpoints and what it leaves in a run folder."""

from efgan_kit.training.loop import train
from efgan_kit.training.trained import Trained, load_to_edit, load_trained

__all__ = ["Trained", "load_to_edit", "load_trained", "train"]
