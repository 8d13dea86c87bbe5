"""Evaluation: a run's edits against true pictures, read by a judge that no run has trained."""

from efgan_kit.evaluation.evaluation import Evaluation, evaluate
from efgan_kit.evaluation.judge import JudgeSettings
from efgan_kit.evaluation.report import print_evaluation

__all__ = ["Evaluation", "JudgeSettings", "evaluate", "print_evaluation"]
