"""Preparation: how faces are found in pictures, measured and levelled; the same for training and for editing."""

from efgan_kit.preparation.choosing import Choice
from efgan_kit.preparation.crops import Cropping
from efgan_kit.preparation.finding import FaceFinder, LabelledFace
from efgan_kit.preparation.folder import PreparedFolder, prepare_folder
from efgan_kit.preparation.plan import Plan
from efgan_kit.preparation.pose import pose_of
from efgan_kit.preparation.record import FILE, Part, Preparation, installed_preparation

__all__ = [
    "FILE",
    "Choice",
    "Cropping",
    "FaceFinder",
    "LabelledFace",
    "Part",
    "Plan",
    "Preparation",
    "PreparedFolder",
    "installed_preparation",
    "pose_of",
    "prepare_folder",
]
