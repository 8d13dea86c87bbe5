"""Each term's own gradient on a player's parameters, and the products of these by part: no weight is moved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import attrs
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from efgan_kit.errors import fail
from efgan_kit.training.phases import Phase
from efgan_kit.training.precision import Precision
from efgan_kit.training.values import StepValues


@attrs.frozen
class Gradients:
    """What the live terms of a player ask of its parameters on one batch.

    Attributes:
        parameters: Those that can learn.
        losses: By term, the unweighted loss, summed over the graph's modules.
        by_term: By term, the gradient of its weighted loss for each parameter; None where it does not reach it.
    """

    parameters: Sequence[nn.Parameter]
    losses: Mapping[str, float]
    by_term: Mapping[str, Sequence[Tensor | None]]


def term_gradients(phase: Phase, modules: Sequence[StepValues], precision: Precision) -> Gradients:
    """Split the gradient that a phase would make into those of its terms; one forward serves them all.

    To be called within the player's turn. Every live term counts, whatever its `every` says of this step.

    Raises:
        EfganError: A loss is not finite.
    """
    for values in modules:
        values.begin(phase.player)
    parameters = [parameter for parameter in dict.fromkeys(phase.parameters) if parameter.requires_grad]
    by_term: dict[str, Sequence[Tensor | None]] = {}
    # Computed weights, such as spectrally normalised ones, are computed once for the whole phase, as in training.
    with parametrize.cached():
        with precision.autocast():
            losses = {term.name: phase.losses_of(term, modules, precision).sum() for term in phase.terms}
        for term in phase.terms:
            loss = losses[term.name]
            if not torch.isfinite(loss):
                raise not_finite(phase.player, f"the loss of {term.name}")
            by_term[term.name] = (
                torch.autograd.grad(term.weight * loss, parameters, retain_graph=True, allow_unused=True)
                if loss.requires_grad
                else [None] * len(parameters)
            )
    return Gradients(parameters, {name: loss.item() for name, loss in losses.items()}, by_term)


def products(gradients: Gradients, parts: Mapping[int, str]) -> dict[str, Tensor]:
    """The scalar products of every two terms' gradients: by part `(T, T)` in double precision, on the CPU.

    Norms, cosines and the gradients' sum all follow from them, so that no gradient need be kept.

    Args:
        parts: By the id of a parameter, the part it belongs to.
    """
    count = len(gradients.by_term)
    found = {name: torch.zeros(count, count, dtype=torch.float64) for name in dict.fromkeys(parts.values())}
    for place, parameter in enumerate(gradients.parameters):
        theirs = [gradient[place] for gradient in gradients.by_term.values()]
        if all(gradient is None for gradient in theirs):
            continue
        none = torch.zeros_like(parameter, requires_grad=False)
        rows = torch.stack([(none if gradient is None else gradient).flatten() for gradient in theirs])
        # Apple's GPUs know no double precision.
        rows = (rows.cpu() if rows.device.type == "mps" else rows).double()
        found[parts[id(parameter)]] += (rows @ rows.T).cpu()
    return found


def parts_of(graph: nn.Module, modules: Sequence[nn.Module]) -> dict[int, str]:
    """By the id of each parameter of `modules`, the graph's name for the part it belongs to.

    A part is a whole network: a region's generator, a discriminator. `PART@K` is that of module K of a chain; a part
    that several modules share has no number.
    """
    names: dict[int, list[str]] = {}
    for name, module in graph.named_modules(remove_duplicate=False):
        names.setdefault(id(module), []).append(_numbered(graph, name))
    found: dict[int, str] = {}
    for part in (part for module in modules for part in _networks(module)):
        own = names.get(id(part), [type(part).__name__])
        name = own[0] if len(own) == 1 else own[0].partition("@")[0]
        for parameter in part.parameters():
            found.setdefault(id(parameter), name)
    return found


def _networks(module: nn.Module) -> Iterator[nn.Module]:
    """The module itself, or those in it if it only holds others together."""
    if type(module) in (nn.ModuleDict, nn.ModuleList):
        for child in module.children():
            yield from _networks(child)
    else:
        yield module


def _numbered(graph: nn.Module, name: str) -> str:
    """`chain.0.refiner` as `refiner@1`; other names as they are."""
    first, _, below = name.partition(".")
    place, _, rest = below.partition(".")
    in_chain = rest and isinstance(getattr(graph, first, None), nn.ModuleList)
    return f"{rest}@{int(place) + 1}" if in_chain else name


def not_finite(player: str, what: str) -> Exception:
    hint = "the run has diverged: train.clip, a lower optimizer.lr or a lower weight may keep it from that"
    return fail(f"the {player}", f"{what} is not finite at these weights", hint)
