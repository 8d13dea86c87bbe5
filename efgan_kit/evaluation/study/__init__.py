"""Studies: several trainings and the comparisons between them, planned, trained, measured and reported by one command.

A study may be read from a file (`read_study`) or made in Python (`Study`, `Arm`, `Comparison`); from there on
`make_plan` lays it out in a folder and `conduct` sees it through, as often as it takes.
"""

from efgan_kit.evaluation.study.conduct import conduct
from efgan_kit.evaluation.study.launching import make_launcher
from efgan_kit.evaluation.study.model import Arm, Comparison, Study
from efgan_kit.evaluation.study.plan import Cell, Plan, make_plan
from efgan_kit.evaluation.study.read import read_study, shipped_studies
from efgan_kit.evaluation.study.report import Report
from efgan_kit.evaluation.study.run import News
from efgan_kit.evaluation.study.writing import to_plain, write_report

__all__ = [
    "Arm",
    "Cell",
    "Comparison",
    "News",
    "Plan",
    "Report",
    "Study",
    "conduct",
    "make_launcher",
    "make_plan",
    "read_study",
    "shipped_studies",
    "to_plain",
    "write_report",
]
