"""Evaluation: a run's edits against true pictures, read by a judge that no run has trained."""

from efgan_kit.evaluation.evaluation import Examined, evaluate, examine_run
from efgan_kit.evaluation.findings import Evaluation
from efgan_kit.evaluation.judge import JudgeSettings
from efgan_kit.evaluation.report import print_evaluation

__all__ = ["Evaluation", "Examined", "JudgeSettings", "evaluate", "examine_run", "print_evaluation"]
