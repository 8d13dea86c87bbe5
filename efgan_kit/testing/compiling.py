"""Whether a component that says `compiles = True` can be compiled."""

from __future__ import annotations

from typing import Any, Final

import torch
from torch import Tensor

from efgan_kit.testing.contract import ContractError, NotExaminedError, demand
from efgan_kit.testing.losses import players_of
from efgan_kit.testing.modules import random_projection, stirred
from efgan_kit.testing.scenes import SQUARE
from efgan_kit.testing.stage import asked_values, drawn_by, loss_of, stage_of
from efgan_kit.testing.subject import Subject, call, inputs_of, tensors_in

BACKEND: Final = "aot_eager"
"""Captures the graph and its gradient as every backend does, and generates no code: a component can break the former
alone, the latter needs a C++ compiler and half a minute."""
NEAR: Final = 1e-4


def compiles_where_it_says_so(subject: Subject) -> None:
    """With the attribute `compiles = True`, torch.compile takes it whole, and nothing it computes changes."""
    if not getattr(subject.target, "compiles", False):
        return
    import torch._dynamo as dynamo

    if not dynamo.is_dynamo_supported():  # type: ignore[attr-defined]
        raise NotExaminedError("torch.compile does not work on this Python or platform")
    dynamo.reset()
    try:
        if subject.kind == "loss":
            _term(subject)
        else:
            _network(subject)
    finally:
        dynamo.reset()


def _network(subject: Subject) -> None:
    module, twin = stirred(subject).eval(), stirred(subject).eval()
    inputs = inputs_of(subject.kind, SQUARE)
    compiled: Any = torch.compile(twin, backend=BACKEND, fullgraph=True)
    _compare(subject, call(subject, module, inputs), _run(subject, lambda: call(subject, compiled, inputs)))
    gradients = [[p.grad for p in each.parameters() if p.grad is not None] for each in (module, twin)]
    off = max((_apart(a, b) for a, b in zip(*gradients, strict=True)), default=0.0)
    demand(subject, off <= NEAR, "compiled, it has the same gradients", f"off by up to {off:.2g}")


def _term(subject: Subject) -> None:
    graph = stage_of(subject)
    for player, term in players_of(subject):
        asked = asked_values(subject, term, player, graph, 2)
        compiled = torch.compile(getattr(term, player), backend=BACKEND, fullgraph=True)
        loss = _run(subject, lambda: compiled(**asked, **drawn_by(term, player)))  # noqa: B023
        _compare(subject, loss_of(term, player, asked), loss, learn=False)


def _compare(subject: Subject, eager: Any, compiled: Any, *, learn: bool = True) -> None:
    first, second = tensors_in(eager), tensors_in(compiled)
    off = max((_apart(first[name], second[name]) for name in first), default=0.0)
    demand(subject, first.keys() == second.keys() and off <= NEAR, "compiled, it returns the same", f"off by {off:.2g}")
    for output in (eager, compiled) if learn else ():
        total = random_projection(output)
        if total.requires_grad:
            total.backward()


def _apart(first: Tensor, second: Tensor) -> float:
    scale = max(1.0, float(first.detach().abs().max()))
    return float((first.detach() - second.detach()).abs().max()) / scale


def _run(subject: Subject, compiled: Any) -> Any:
    from torch._dynamo.exc import TorchDynamoException

    try:
        return compiled()
    except TorchDynamoException as error:
        contract = "with `compiles = True`, torch.compile(..., fullgraph=True) takes it whole"
        raise ContractError(str(subject), contract, " ".join(str(error).split())[:300]) from error


CHECKS: Final = (compiles_where_it_says_so,)
