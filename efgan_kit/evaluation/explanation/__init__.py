"""Explaining a run before ablating it: what each loss term asks of each player, and whether attention still chooses."""

from efgan_kit.evaluation.explanation.explain import Explanation, explain
from efgan_kit.evaluation.explanation.figures import Limits
from efgan_kit.evaluation.explanation.report import to_plain, write_explanation
from efgan_kit.evaluation.explanation.words import findings

__all__ = ["Explanation", "Limits", "explain", "findings", "to_plain", "write_explanation"]
