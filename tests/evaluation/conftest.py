"""What plots and pages are made of in these tests."""

import math

import pytest


@pytest.fixture
def texts_of():
    """All words of a figure, folded lines joined again."""
    from matplotlib.text import Text

    return lambda figure: [" ".join(text.get_text().split()) for text in figure.findobj(Text) if text.get_text()]


@pytest.fixture
def rows():
    """Rows of three seeds with every verdict, one of a single seed, one of which nothing is known."""
    from efgan_kit.evaluation.plots.forest import ForestRow

    return [
        ForestRow("no <refiner> & $x$", 1.0, (0.8, 1.2), [0.9, 1.0, 1.1], "helps", "parts"),
        ForestRow("graph.branches=[face]", -2.0, (-2.5, -1.5), [-2.2, -1.8, -2.0], "harms", "parts"),
        ForestRow("no-smoothness", 0.1, (-1e6, 1e6), [0.0, 0.2, 0.1], "can't tell", "terms"),
        ForestRow("no-paired", 0.01, (-0.01, 0.03), [0.0, 0.01, 0.02], "negligible", "terms"),
        ForestRow("no-attention", 0.0, (-0.1, 0.1), [0.05, -0.05], "indistinguishable"),
        ForestRow("width-16", 0.5, (0.3, 0.7), [0.5, math.nan], "differs"),
        ForestRow("one seed", 0.5, None, [0.5], "one seed says little"),
        ForestRow("failed", math.nan, None, [], "can't tell"),
    ]


@pytest.fixture
def curves():
    """Thirteen arms of three seeds, one of them without a point."""
    from efgan_kit.evaluation.plots.curves import Curve

    arms = [f"arm {place} $a_b$" for place in range(12)]
    known = [
        Curve(arm, arm, {seed: [(x, (place + 1) / x + seed / 9) for x in range(1, 200)] for seed in range(3)})
        for place, arm in enumerate(arms)
    ]
    return [*known, Curve("failed", "failed", {0: [(1.0, math.nan)]})]
