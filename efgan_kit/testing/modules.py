"""What every network must hold, whatever it computes: trainer, editor and checkpoints count on it."""

from __future__ import annotations

from typing import Any, Final

import torch
from torch import Tensor, nn

from efgan_kit.testing.contract import demand
from efgan_kit.testing.keeping import restored
from efgan_kit.testing.scenes import SCENES, SQUARE
from efgan_kit.testing.subject import Subject, call, copied, differing, global_randomness_stays, inputs_of, tensors_in
from efgan_kit.training.streams import stream


def leaves_its_inputs_alone(subject: Subject) -> None:
    """Others read the same pictures after it."""
    for scene in SCENES:
        inputs = inputs_of(subject.kind, scene)
        before = copied(tensors_in(inputs))
        with torch.no_grad():
            call(subject, subject.make(scene), inputs)
        changed = differing(before, tensors_in(inputs))
        demand(subject, not changed, "inputs are not edited in place", f"changed: {changed}")


def gradients_reach_every_parameter(subject: Subject) -> None:
    """What it returns depends on all that it would learn; a detached piece would never move."""
    module = stirred(subject)
    if subject.kind == "graph" or not list(module.parameters()):
        return
    inputs = inputs_of(subject.kind, SQUARE)
    total = random_projection(call(subject, module, inputs))
    demand(subject, total.requires_grad, "what it returns carries gradients to its parameters", "none does")
    total.backward()
    learning = {name: p.grad for name, p in module.named_parameters() if p.requires_grad}
    unreached = [name for name, gradient in learning.items() if gradient is None]
    demand(subject, not unreached, "gradients reach every trainable parameter", f"none at {unreached}")
    broken = [name for name, g in learning.items() if g is not None and not g.isfinite().all()]
    demand(subject, not broken, "gradients are finite", f"nan or infinity at {broken}")
    alive = not learning or any(g is not None and bool(g.any()) for g in learning.values())
    demand(subject, alive, "some gradient is other than 0", "all are 0")


def gradients_reach_its_pictures(subject: Subject) -> None:
    """Generators learn through refiners and discriminators, reconstructions through generators."""
    module = stirred(subject)
    inputs = inputs_of(subject.kind, SQUARE)
    leaves = tuple(tensor.clone().requires_grad_() for tensor in inputs)
    total = random_projection(call(subject, module, leaves))
    demand(subject, total.requires_grad, "what it returns carries gradients to its inputs", "none does")
    total.backward()
    wanted = leaves[:1] if subject.kind in ("generator", "graph") else leaves
    seen = [None if leaf.grad is None else float(leaf.grad.abs().sum()) for leaf in wanted]
    demand(subject, all(seen), "gradients reach every picture or AU vector that it is given", f"sums {seen}")


def is_repeatable(subject: Subject) -> None:
    """Made twice under one seed and called with one input, it returns one output; so runs can be repeated."""
    first, second = subject.make(seed=3), subject.make(seed=3)
    changed = differing(copied(first.state_dict()), copied(second.state_dict()))
    demand(subject, not changed, "one seed makes the same weights each time", f"different: {changed}")
    inputs = inputs_of(subject.kind, SQUARE)
    with torch.no_grad():
        answers = [tensors_in(call(subject, module, inputs)) for module in (first, second)]
    changed = differing(*answers)
    demand(subject, not changed, "the same weights and inputs give the same output", f"different: {changed}")


def leaves_global_randomness_alone(subject: Subject) -> None:
    """Else dropping it from a recipe would change the noise and the data order of everything else."""
    module, inputs = subject.make(), inputs_of(subject.kind, SQUARE)
    with global_randomness_stays(subject, "a forward pass"):
        call(subject, module, inputs)


def is_finite_in_bfloat16(subject: Subject) -> None:
    """`train.precision: bf16` is any recipe's to choose."""
    module, inputs = subject.make(), inputs_of(subject.kind, SQUARE)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        output = tensors_in(call(subject, module, inputs))
        total = random_projection(output)
    broken = [name for name, tensor in output.items() if not tensor.isfinite().all()]
    demand(subject, not broken, "outputs are finite under bfloat16 autocast", f"nan or infinity in {broken}")
    if total.requires_grad:
        total.backward()
        gradients = [(n, p.grad) for n, p in module.named_parameters() if p.grad is not None]
        broken = [name for name, gradient in gradients if not gradient.isfinite().all()]
        demand(subject, not broken, "gradients are finite under bfloat16 autocast", f"not so at {broken}")


def survives_a_checkpoint(subject: Subject) -> None:
    """Its state is tensors, and all of it: written to safetensors and read into another, it edits alike."""
    first, second = subject.make(seed=1), subject.make(seed=2)
    inputs = inputs_of(subject.kind, SQUARE)
    with torch.no_grad():
        call(subject, first, inputs)  # moves what moves in training, such as running averages
    restored(subject, first, second)
    with torch.no_grad():
        answers = [tensors_in(call(subject, module.eval(), inputs)) for module in (first, second)]
    changed = differing(*answers)
    demand(subject, not changed, "a restored component gives the same output", f"different: {changed}")


def answers_each_face_by_itself(subject: Subject) -> None:
    """The faces of a photo are edited together: in eval mode, none may depend on the others of its batch."""
    module, inputs = subject.make().eval(), inputs_of(subject.kind, SQUARE, 3)
    with torch.no_grad():
        together = tensors_in(call(subject, module, inputs))
        alone = tensors_in(call(subject, module, tuple(tensor[1:2] for tensor in inputs)))
    apart = {n: float((together[n][1:2] - alone[n]).abs().max()) for n in together if together[n].shape[:1] == (3,)}
    off = {name: f"{by:.2g}" for name, by in apart.items() if by > ALONE}
    contract = "in eval mode, a face's output does not depend on the others of its batch"
    demand(subject, not off, contract, f"off by {off}")


ALONE: Final = 1e-4
"""What rounding may do, to other layouts in memory."""


def bears_a_gradient_penalty(subject: Subject) -> None:
    """WGAN-GP differentiates the gradient of its score: by the picture, then by the weights."""
    module = stirred(subject).double().eval()
    (picture,) = (tensor.double().requires_grad_() for tensor in inputs_of(subject.kind, SQUARE))
    contract = "the score can be differentiated by the input, and that gradient by the weights"
    try:
        _penalty(subject, module, picture).backward()
    except RuntimeError as error:
        raise AssertionError(f"{subject}: {contract}; seen: {error}") from error
    taught = [(p, p.grad) for p in module.parameters() if p.grad is not None]
    learning, gradients = [p for p, _ in taught], [gradient for _, gradient in taught]
    demand(
        subject, any(bool(g.any()) for g in gradients), "the penalty teaches some weight", "gradients of 0"
    )
    draws = stream(0, "direction")
    directions = [torch.randn(p.shape, generator=draws, dtype=p.dtype) for p in learning]
    analytic = sum(float((g * d).sum()) for g, d in zip(gradients, directions, strict=True))
    ends = []
    for by in (SMALL_STEP, -2 * SMALL_STEP):
        with torch.no_grad():
            for parameter, direction in zip(learning, directions, strict=True):
                parameter.add_(by * direction)
        ends.append(float(_penalty(subject, module, picture).detach()))
    numeric = (ends[0] - ends[1]) / (2 * SMALL_STEP)
    size = sum(float(g.square().sum()) for g in gradients) ** 0.5
    seen = f"{analytic:g} by autograd, {numeric:g} by finite differences"
    contract = "the second derivative is right"
    demand(subject, abs(analytic - numeric) <= 0.02 * size + 1e-6, contract, seen)


SMALL_STEP: Final = 1e-6
"""Of finite differences of gradients, which leaky ReLUs make jump."""


def _penalty(subject: Subject, module: nn.Module, picture: Tensor) -> Tensor:
    output = call(subject, module, (picture,))
    score = output if isinstance(output, Tensor) else output.score
    (gradient,) = torch.autograd.grad(score.flatten(1).mean(dim=1).sum(), picture, create_graph=True)
    norms = (gradient.flatten(1).square().sum(dim=1) + 1e-12).sqrt()
    return (norms - 1).square().mean()


def stirred(subject: Subject) -> nn.Module:
    """The component with noise on its weights: layers that start at zero would hide what lies behind them."""
    module: nn.Module = subject.make()
    noise = stream(0, "stirring")
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(0.05 * torch.randn(parameter.shape, generator=noise))
    return module


def random_projection(output: Any) -> Tensor:
    """A scalar that depends on every number of the output, with gradients of either sign."""
    weights = stream(0, "projection")
    tensors = tensors_in(output).values()
    parts = [(tensor.float() * torch.randn(tensor.shape, generator=weights)).sum() for tensor in tensors]
    return torch.stack(parts).sum()
