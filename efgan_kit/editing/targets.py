"""What a face is edited to: target AUs, from the words that people use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs
import torch
from torch import Tensor

from efgan_kit.errors import EfganError, Fault
from efgan_kit.faces.aus import AUSet


@attrs.frozen
class Change:
    """A wish, the same for every face.

    Attributes:
        values: Intensities by AU, in the order of a set.
        relative: They are added to the face's own AUs; the sum is clamped to [0, 1].
        keeps_rest: The other AUs keep the face's own value; otherwise they become 0.
        intensity: How much of the change from the face's own AUs is made: 1 is all of it, 0.5 half, 1.5 more.
    """

    values: Mapping[int, float]
    relative: bool = False
    keeps_rest: bool = True
    intensity: float = 1.0

    def target(self, source_aus: Tensor) -> Tensor:
        """Target AUs `(A,)` in [0, 1] of a face with `source_aus` `(A,)`."""
        return self._unbounded(source_aus).clamp(0, 1)

    def clamped(self, source_aus: Tensor) -> list[int]:
        """The columns whose AUs would leave [0, 1] if they were let, the farthest first."""
        wanted = self._unbounded(source_aus)
        beyond = (wanted - wanted.clamp(0, 1)).abs()
        return [column for column in torch.argsort(beyond, descending=True).tolist() if beyond[column] > 0.005]

    def _unbounded(self, source_aus: Tensor) -> Tensor:
        target = source_aus.clone() if self.keeps_rest or self.relative else torch.zeros_like(source_aus)
        for column, value in self.values.items():
            target[column] = target[column] + value if self.relative else value
        # In this form an intensity of 1 gives the target itself, to the bit.
        return target + (self.intensity - 1) * (target - source_aus) if self.intensity != 1 else target


def like(aus: Tensor) -> Change:
    """All AUs of another face, `(A,)`."""
    return Change(dict(enumerate(aus.tolist())), keeps_rest=False)


def expression(aus: AUSet, name: str, *, relative: bool = False) -> Change:
    """A preset expression: all AUs, or with `relative` what it adds to the face's own."""
    try:
        values = aus.expression(name)
    except EfganError as error:
        raise EfganError(
            *(attrs.evolve(fault, where=f"--expression {name}") for fault in error.faults)
        ) from None
    return Change(dict(enumerate(values)), relative, keeps_rest=False)


def named_aus(aus: AUSet, words: Sequence[str], *, relative: bool = False) -> Change:
    """AUs such as `AU12=0.8`, in place of the face's own values, or with `relative` added to them.

    Raises:
        EfganError: With a fault for each word that is not an AU of the set with an intensity in range.
    """
    values: dict[int, float] = {}
    faults: list[Fault] = []
    for word in words:
        try:
            column, value = _one(aus, word, relative)
        except EfganError as error:
            faults += error.faults
            continue
        if column in values:
            faults.append(Fault(f"--au {word}", f"{aus.names[column]} is given twice"))
        values[column] = value
    if faults:
        raise EfganError(*faults)
    return Change(values, relative)


def _one(aus: AUSet, word: str, relative: bool) -> tuple[int, float]:
    where = f"--au {word}"
    name, equals, text = word.partition("=")
    try:
        value = float(text)
    except ValueError:
        what = "is not of the form AU=INTENSITY" if not equals else f"'{text}' is not a number"
        raise EfganError(Fault(where, what, "for example --au AU12=0.8")) from None
    try:
        column = aus.index(name)
    except EfganError as error:
        raise EfganError(*(attrs.evolve(fault, where=where) for fault in error.faults)) from None
    low = -1.0 if relative else 0.0
    if not low <= value <= 1:  # nan is in no range
        hint = ""
        if 1 < abs(value) <= 5 and (relative or value > 0):
            hint = f"OpenFace's 0..5 intensities are divided by 5: {value:g} becomes {value / 5:g}"
        elif -1 <= value < 0:
            hint = "with --relative, values are added to the face's own and may be negative"
        raise EfganError(Fault(where, f"an intensity of {value:g} is outside {low:g}..1", hint))
    return column, value
