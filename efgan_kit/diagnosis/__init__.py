"""`efgan plugin doctor`: each installed plugin looked at in a process of its own, against what plugins promise."""

from efgan_kit.diagnosis.doctor import Diagnosis, diagnose
from efgan_kit.diagnosis.promises import PROMISES, Finding

__all__ = ["PROMISES", "Diagnosis", "Finding", "diagnose"]
