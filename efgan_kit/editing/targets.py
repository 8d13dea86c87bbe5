"""What a face is edited to: target AUs, from the words that people use."""

from __future__ import annotations

from collections.abc import Sequence

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
        rest: What becomes of the other AUs: they keep the face's own value, or become 0.
    """

    values: dict[int, float]
    relative: bool = False
    keeps_rest: bool = True

    def target(self, source_aus: Tensor) -> Tensor:
        """Target AUs `(A,)` in [0, 1] of a face with `source_aus` `(A,)`."""
        target = source_aus.clone() if self.keeps_rest or self.relative else torch.zeros_like(source_aus)
        for column, value in self.values.items():
            target[column] = target[column] + value if self.relative else value
        return target.clamp(0, 1)


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
