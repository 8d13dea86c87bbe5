"""Edits that settle: each frame's change is fitted to those of the frames around it, in the face's own coordinates.

A network sees every frame for the first time, and answers noise in one with noise in the other. What it does over a
sixth of a second is one movement. The fit is that of `smoothing`; it looks ahead, and holds no more frames than that.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final

import attrs
import numpy as np
import torch

from efgan_kit.editing.video.changing import Moment, Part
from efgan_kit.editing.video.smoothing import ENOUGH, shares

REACH: Final = 0.16
"""Seconds on either side from which a change is fitted."""
MOST: Final = 25
"""Frames that are held, however many there are in a second."""


def settled(moments: Iterable[Moment], reach: float = REACH) -> Iterator[Moment]:
    """Moments with settled parts, in order; with a `reach` of 0 as they come."""
    if reach <= 0:
        yield from moments
        return
    held: deque[Moment] = deque()
    waiting: deque[Moment] = deque()
    for moment in moments:
        held.append(moment)
        waiting.append(moment)
        while waiting and (moment.frame.seconds - waiting[0].frame.seconds >= reach or len(waiting) > MOST // 2):
            yield _settled(waiting.popleft(), held, reach)
            while held and waiting and waiting[0].frame.seconds - held[0].frame.seconds >= reach:
                held.popleft()
    while waiting:
        yield _settled(waiting.popleft(), held, reach)


def _settled(moment: Moment, held: Iterable[Moment], reach: float) -> Moment:
    parts = {number: _fitted(part, number, moment, held, reach) for number, part in moment.parts.items()}
    return attrs.evolve(moment, parts=parts)


def _fitted(part: Part, number: int, moment: Moment, held: Iterable[Moment], reach: float) -> Part:
    now = moment.frame.seconds
    near = [m for m in held if number in m.parts and abs(m.frame.seconds - now) < reach]
    if len(near) < ENOUGH:
        return part
    weights = torch.from_numpy(shares(np.array([m.frame.seconds - now for m in near]), reach)).float()
    others = [m.parts[number] for m in near]
    residual = torch.einsum("n,nchw->chw", weights, torch.stack([other.residual for other in others]))
    attention = torch.einsum("n,nchw->chw", weights, torch.stack([other.attention for other in others]))
    return attrs.evolve(part, residual=residual, attention=attention.clamp(0, 1))
