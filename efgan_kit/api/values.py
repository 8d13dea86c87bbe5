"""Named values: what loss terms and metrics ask for by name, and how they are declared."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import attrs
from torch import nn

GIVEN_VALUES: dict[str, str] = {
    "source": "`(B, 3, H, W)` in [-1, 1]: the pictures to edit, the paper's I_x.",
    "landmarks": "`(B, 68, 2)` in pixels: the sources' landmarks.",
    "source_aus": "`(B, A)` in [0, 1]: the sources' AUs, y_x.",
    "target_aus": "`(B, A)` in [0, 1]: the AUs to edit to, y_z.",
    "truth": "`(B, 3, H, W)` in [-1, 1]: the person under the target AUs where `has_truth`, else the source.",
    "has_truth": "`(B,)`, 1 where the target AUs are those of another picture of the same person, else 0.",
    "truth_share": "`(B,)`: weights of a mean over the batch's pictures that have a truth: 1 / their number, else 0.",
}
"""The named values that every batch brings along; the graph's `@value` methods make the others from them."""


@attrs.frozen
class ValueFunction:
    """A named value: the function that computes it and the names of what it is computed from.

    Attributes:
        function: Called with the values it names.
        needs: The names of its parameters.
        made_by: The player whose modules make it. In the other players' phases it is a constant, reused from the
            generator's phase where it was computed there; None for what depends on no one player.
    """

    function: Callable[..., Any]
    needs: tuple[str, ...]
    made_by: str | None = None

    @classmethod
    def of(cls, function: Callable[..., Any], made_by: str | None = None) -> ValueFunction:
        """The named value that `function` computes, its needs read off its parameters."""
        return cls(function, tuple(inspect.signature(function).parameters), made_by)


class NamedValue(Protocol):
    """A named value of a plugin: a function marked `@value()`, whose parameters name other values.

    It is offered under its name with hyphens, `mouth-motion`, and computed for each loss term that asks for
    `mouth_motion`, in each module of the graph, where the graph has no value of that name itself. A parameter called
    `random` receives a `torch.Generator` of its own. The docstring begins with shape and range.
    """

    efgan_value: str
    """Who makes it, written by the mark."""

    def __call__(self, *values: Any) -> Any: ...


def values_of(owner: object) -> dict[str, ValueFunction]:
    """The named values that a graph, or a metric, declares with `@value`, by name."""
    marked = (name for name in dir(type(owner)) if hasattr(getattr(type(owner), name, None), "efgan_value"))
    return {name: named_value(getattr(owner, name)) for name in marked}


def named_value(function: Callable[..., Any]) -> ValueFunction:
    """The named value that a function marked `@value` computes.

    Raises:
        TypeError: It has no such mark.
    """
    made_by = getattr(function, "efgan_value", None)
    if made_by is None:
        raise TypeError("it is not marked @value")
    return ValueFunction.of(function, None if made_by == "anyone" else made_by)


def stages_of(graph: nn.Module) -> list[dict[str, ValueFunction]]:
    """The named values of each module of a graph; a graph without `stages` is one module."""
    stages = getattr(graph, "stages", None)
    return [values_of(graph)] if stages is None else stages()


Function = TypeVar("Function", bound=Callable[..., Any])


def value(made_by: str | None = None) -> Callable[[Function], Function]:
    """Declare a graph's method, or a plugin's function, a named value: its parameters name other values.

    Args:
        made_by: The player whose modules make it, where one does: `"generator"` for what is made of its pictures.

    The docstring is the value's entry in the table of named values, and begins with shape and range.
    """

    def declare(function: Function) -> Function:
        function.efgan_value = made_by or "anyone"  # type: ignore[attr-defined]
        return function

    return declare
