"""Whether the edits of a batch still differ from each other: figures of the log, and the words for what they show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from torch import Tensor

UNSEEN: Final = 1 / 255
"""Of a mean change in [-1, 1]: half a level of 256. Below, nobody sees an edit."""
ALIKE: Final = 0.1
"""Of the variety of edits: below, a tenth of what one does is its own."""
COLLAPSED: Final = 0.5
"""Of the variety of pictures: below, edited faces differ half as much as the faces they were made of."""
LINES: Final = 3
"""Lines of the log in a row that a figure must be bad in: a batch of two may be alike by chance."""
PATIENCE: Final = 20
"""Lines in which nothing need be seen yet: some generators begin by changing nothing."""


def edit_figures(source: Tensor, edited: Tensor) -> dict[str, Tensor]:
    """How much a batch is changed, and how much its edits and its edited faces differ among each other.

    Args:
        source: `(B, 3, H, W)` in [-1, 1].
        edited: The same faces edited.

    Returns:
        `change`, the mean absolute difference; and for batches of two and more `variety`, the standard deviation of
        the edits over the batch as a share of their size, 0 where all are the same and about 1 where each is its own;
        and `pictures`, the standard deviation of the edited faces over the batch (Karras et al. 2018, section 3) as a
        share of the sources'.
    """
    source, edited = source.detach().float(), edited.detach().float()
    change = edited - source
    found = {"change": change.abs().mean()}
    if len(source) > 1:
        size = change.square().mean()
        found["variety"] = (change.var(dim=0).mean() / size).sqrt()
        found["pictures"] = edited.std(dim=0).mean() / source.std(dim=0).mean()
    return found


class ModeDrop:
    """Follows the figures over the log's lines, and says once what they come to."""

    def __init__(self) -> None:
        self._rows: dict[str, int] = {}

    def warnings(self, record: Mapping[str, Any]) -> Iterator[str]:
        """What a line of the log makes worth saying."""
        figures = record.get("edits", {})
        seen = figures.get("change", 0.0) >= UNSEEN
        bad = {
            "unseen": bool(figures) and not seen,
            "alike": seen and figures.get("variety", 1.0) < ALIKE,
            "collapsed": figures.get("pictures", 1.0) < COLLAPSED,
        }
        texts = {
            "unseen": "edits are too small to be seen, {change:.4f} of a range of 2: the generator copies",
            "alike": "the edits of a batch are all alike (variety {variety:.2f}): whatever the face and the target",
            "collapsed": "the edited faces of a batch are alike: {pictures:.2f} times as far apart as the sources",
        }
        for name, is_bad in bad.items():
            self._rows[name] = self._rows.get(name, 0) + 1 if is_bad else 0
            lines = PATIENCE if name == "unseen" else LINES
            if self._rows[name] == lines:
                yield f"{texts[name].format(**figures)}, for {lines} lines of the log; see docs/survival.md"
