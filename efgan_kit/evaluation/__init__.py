"""Evaluation: a run's edits against true pictures, read by a judge that no run has trained."""

from efgan_kit.evaluation.evaluation import Evaluation, evaluate
from efgan_kit.evaluation.judge import JudgeSettings

__all__ = ["Evaluation", "JudgeSettings", "evaluate"]
