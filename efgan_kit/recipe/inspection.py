"""Looking at a recipe without training it: the graph's modules, shapes, costs and values."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from efgan_kit.api import GIVEN_VALUES
from efgan_kit.errors import EfganError, Fault, fail
from efgan_kit.recipe.build import build_graph, build_losses, build_optimizer, build_schedule
from efgan_kit.recipe.model import Recipe
from efgan_kit.recipe.pruning import values_needed
from efgan_kit.recipe.sections import PLAYERS
from efgan_kit.recipe.wiring import available_values, players_of, target_of


@attrs.frozen
class ModuleRow:
    """A module of the graph.

    Attributes:
        name: Its dotted name in the graph.
        component: Its class.
        output: The shape of what it returned for one picture; empty if editing does not call it.
        parameters: How many numbers it learns.
        flops: Floating-point operations for one picture.
    """

    name: str
    component: str
    output: str
    parameters: int
    flops: int


@attrs.frozen
class Inspection:
    """What `efgan recipe check` shows."""

    modules: tuple[ModuleRow, ...]
    parameters: int
    flops: int


def inspect_graph(recipe: Recipe) -> Inspection:
    """Build the graph and the loss terms on the meta device and edit one picture there: no memory, no time.

    Optimizer and schedule are made too, so that what their constructors refuse is known.

    Raises:
        EfganError: A constructor refuses its parameters, or the parts do not fit together; or a value is missing that
            they can't do without.
    """
    try:
        with torch.device("meta"):
            graph = build_graph(recipe).eval()
            build_losses(recipe)
    except EfganError as error:
        absent = _absent(recipe)
        if not absent:
            raise
        raise EfganError(*absent) from error
    _build_the_rest(recipe)
    counter = FlopCounterMode(display=False)
    meters = {name: _Meter(module, counter) for name, module in parts_of(graph)}
    try:
        with counter, torch.no_grad():
            graph.edit(*_one_picture(recipe))  # type: ignore[operator]  # the contract of graphs
    except (RuntimeError, ValueError, TypeError, IndexError) as error:
        what = f"the parts of '{recipe.graph.use}' do not fit together: {str(error).strip()}"
        raise fail(str(recipe.graph.place), what) from error
    rows = [meter.row(name) for name, meter in meters.items()]
    return Inspection(tuple(rows), _size(graph), counter.get_total_flops())


def _absent(recipe: Recipe) -> list[Fault]:
    """The values that are still `???` in what is built, which may be what a constructor refused."""
    built = [path for path in recipe.missing if path.startswith(("graph.", "losses."))]
    return [Fault(recipe.source, f"{path}: a value is missing", f"give it with -o {path}=...") for path in built]


def _build_the_rest(recipe: Recipe) -> None:
    """Optimizers over a stand-in, and a schedule of the given length; data would take time and are not made."""
    still_open = {path.partition(".")[0] for path in recipe.missing}
    if "optimizer" not in still_open:
        for player in PLAYERS:
            build_optimizer(recipe, player, [nn.Parameter(torch.zeros(1, 1))])
    if "schedule" not in still_open:
        build_schedule(recipe, steps=recipe.train.steps or recipe.train.epochs or 1, steps_per_epoch=1)


class _Meter:
    """Notes what a module returns and costs when the graph calls it."""

    def __init__(self, module: nn.Module, counter: FlopCounterMode) -> None:
        self.module = module
        self.output = ""
        self.flops = 0
        module.register_forward_pre_hook(lambda *_: self._count(-counter.get_total_flops()))
        module.register_forward_hook(lambda *call: self._count(counter.get_total_flops(), call[-1]))

    def _count(self, flops: int, output: object = None) -> None:
        self.flops += flops
        self.output = _shape(output) or self.output

    def row(self, name: str) -> ModuleRow:
        return ModuleRow(name, type(self.module).__name__, self.output, _size(self.module), self.flops)


def parts_of(module: nn.Module, prefix: str = "") -> Iterator[tuple[str, nn.Module]]:
    """The components of a graph, found inside its containers and the graphs it is made of."""
    for name, child in module.named_children():
        if isinstance(child, (nn.ModuleDict, nn.ModuleList)) or hasattr(child, "edit"):
            yield from parts_of(child, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", child


def _one_picture(recipe: Recipe) -> tuple[Tensor, ...]:
    size, aus = recipe.faces.size, len(recipe.faces.aus)
    shapes = ((1, 3, size, size), (1, 68, 2), (1, aus), (1, aus))
    return tuple(torch.zeros(shape, device="meta") for shape in shapes)


def _shape(output: object) -> str:
    """The shape of a picture, or of the first of several, without the batch: `3x128x128`."""
    if isinstance(output, Tensor):
        return "x".join(str(side) for side in output.shape[1:])
    return _shape(output[0]) if isinstance(output, tuple) and output else ""


def _size(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def values_in_use(recipe: Recipe) -> dict[str, tuple[str, ...]]:
    """The named values that the loss terms make the graph compute, each with those it is made from."""
    live = values_needed(recipe)
    return {name: needs for name, needs in available_values(recipe).items() if name in live}


def mermaid(recipe: Recipe) -> str:
    """The values and the terms that ask for them as a Mermaid flowchart."""
    lines = ["flowchart LR"]
    live = values_in_use(recipe)
    asked = {
        name: sorted({need for needs in players_of(target_of(term.component)).values() for need in needs})
        for name, term in recipe.losses.items()
    }
    given = {name for needs in (*live.values(), *asked.values()) for name in needs if name in GIVEN_VALUES}
    lines += [f"  {name}([{name}])" for name in sorted(given - set(live))]
    lines += [f"  {name}[{name}]" for name in live]
    lines += [f"  loss_{_word(name)}{{{{{name}}}}}" for name in asked]
    lines += [f"  {need} --> {name}" for name, needs in live.items() for need in needs]
    lines += [f"  {need} --> loss_{_word(name)}" for name, needs in asked.items() for need in needs]
    return "\n".join(lines)


def _word(name: str) -> str:
    return "".join(character if character.isalnum() else "_" for character in name)
