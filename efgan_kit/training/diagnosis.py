"""Where numbers went bad: the term, the module, the faces. Asked only after it happened; nothing is moved."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from efgan_kit.training.modes import unmoved
from efgan_kit.training.phases import Phase
from efgan_kit.training.values import StepValues

if TYPE_CHECKING:
    from efgan_kit.training.step import Training


@attrs.define
class Origin:
    """What is known of the first number that was not finite.

    Attributes:
        losses: By term, its unweighted loss; those of several modules are summed.
        terms: The terms whose loss or gradient is not finite.
        module: The first module that made such a number of finite ones, by its name in the graph; empty if none did.
        faces: Which faces of the batch it made them of; empty if that can't be told.
        values: The named values that were not finite before the phase began: another player made them.
        weights: The parameters that are not finite themselves.
        gradients: The parameters whose gradient is not finite.
    """

    losses: dict[str, float] = attrs.field(factory=dict)
    terms: list[str] = attrs.field(factory=list)
    module: str = ""
    faces: list[int] = attrs.field(factory=list)
    values: list[str] = attrs.field(factory=list)
    weights: list[str] = attrs.field(factory=list)
    gradients: list[str] = attrs.field(factory=list)


def origin_of(training: Training, phase: Phase, modules: Sequence[StepValues]) -> Origin:
    """Compute a phase once more, on the same batch with the same random numbers, and watch every module.

    To be called before anything else has moved. A phase whose terms fail otherwise is left as little explained.
    """
    found = Origin()
    names = dict(_names(training))
    found.weights = [names.get(id(p), "?") for p in _parameters(training) if not torch.isfinite(p).all()]
    hooks = [
        module.register_forward_hook(_Watcher(found, name))
        for root, whole in (("", training.graph), ("losses.", training.terms))
        for name, module in ((f"{root}{name}", module) for name, module in whole.named_modules())
    ]
    try:
        with unmoved(training.graph, training.terms), training.turn(phase, modules):
            _compute(training, phase, modules, found, names)
    finally:
        for hook in hooks:
            hook.remove()
    return found


def of_all_processes(training: Training, origin: Origin) -> Origin:
    """What all processes know together: each has looked at its share of the batch.

    Args:
        origin: What this one knows. Its faces are those of its share; of the result, those of the batch.
    """
    processes = training.processes
    if processes.alone:
        return origin
    known = [Origin(**json.loads(text)) for text in processes.texts(json.dumps(attrs.asdict(origin)))]
    size = training.recipe.train.batch_size // processes.count
    return Origin(
        losses={name: sum(one.losses.get(name, 0.0) for one in known) / len(known) for name in origin.losses},
        terms=_together(one.terms for one in known),
        module=next((one.module for one in known if one.module), ""),
        faces=[rank * size + face for rank, one in enumerate(known) for face in one.faces if face < size],
        values=_together(one.values for one in known),
        weights=_together(one.weights for one in known),
        gradients=_together(one.gradients for one in known),
    )


def _together(names: Iterable[Sequence[str]]) -> list[str]:
    return list(dict.fromkeys(name for some in names for name in some))


def _compute(
    training: Training, phase: Phase, modules: Sequence[StepValues], found: Origin, names: Mapping[int, str]
) -> None:
    for values in modules:
        values.begin(phase.player)
    found.values = [name for values in modules for name in values.not_finite()]
    parameters = [parameter for parameter in dict.fromkeys(phase.parameters) if parameter.requires_grad]
    terms = [term for term in phase.terms if training.step % term.every == 0]
    with parametrize.cached():
        with training.precision.autocast():
            losses = {term.name: phase.losses_of(term, modules, training.precision).sum() for term in terms}
        found.losses = {name: loss.item() for name, loss in losses.items()}
        found.terms = [name for name, loss in losses.items() if not torch.isfinite(loss)]
        if found.terms:
            return
        bad: dict[int, None] = {}
        for term in terms:
            loss = losses[term.name]
            if not loss.requires_grad:
                continue
            gradients = torch.autograd.grad(term.weight * loss, parameters, retain_graph=True, allow_unused=True)
            theirs = [id(p) for p, g in zip(parameters, gradients, strict=True) if not _finite(g)]
            if theirs:
                found.terms.append(term.name)
                bad |= dict.fromkeys(theirs)
    found.gradients = [names.get(one, "?") for one in bad]


class _Watcher:
    """Notes the first module that makes something not finite of finite inputs, and of which faces.

    A module's parts are called, and noted, before it: it is itself to blame only for what it computes beside them.
    """

    def __init__(self, found: Origin, name: str) -> None:
        self._found, self._name = found, name

    def __call__(self, module: nn.Module, inputs: Any, output: Any) -> None:
        if self._found.module or all(_finite(part) for part in _tensors(output)):
            return
        if all(_finite(part) for part in _tensors(inputs)):
            self._found.module = self._name
            self._found.faces = sorted({face for part in _tensors(output) for face in _rows(part)})


def _finite(tensor: Tensor | None) -> bool:
    return tensor is None or not tensor.is_floating_point() or bool(torch.isfinite(tensor).all())


def _rows(tensor: Tensor) -> list[int]:
    if not tensor.dim():
        return []
    return torch.nonzero(~torch.isfinite(tensor.detach()).flatten(1).all(1) if tensor.dim() > 1 else
                         ~torch.isfinite(tensor.detach())).flatten().tolist()  # fmt: skip


def _tensors(made: Any) -> Iterator[Tensor]:
    if isinstance(made, Tensor):
        yield made
    elif isinstance(made, Mapping):
        for part in made.values():
            yield from _tensors(part)
    elif isinstance(made, (tuple, list)):
        for part in made:
            yield from _tensors(part)


def _parameters(training: Training) -> list[nn.Parameter]:
    return [*training.graph.parameters(), *training.terms.parameters()]


def _names(training: Training) -> Iterator[tuple[int, str]]:
    for root, whole in (("losses.", training.terms), ("", training.graph)):
        for name, parameter in whole.named_parameters():
            yield id(parameter), f"{root}{name}"
