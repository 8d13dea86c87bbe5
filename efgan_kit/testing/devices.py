"""Whether a component moves to another device as a whole; tried with torch's pretended tensors, so no GPU is needed."""

from __future__ import annotations

import contextlib
import copy
import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from unittest import mock

import torch
from torch import Tensor, nn

from efgan_kit.testing.contract import ContractError, NotExaminedError, demand
from efgan_kit.testing.losses import players_of
from efgan_kit.testing.scenes import SQUARE
from efgan_kit.testing.stage import asked_values, loss_of, mapped, stage_of
from efgan_kit.testing.subject import Subject, call, inputs_of, tensors_in

ELSEWHERE: Final = "cuda"
CONTRACT: Final = "`.to(device)` moves all that it computes with: other tensors are made on the device of its inputs"
UNKNOWN: Final = ("DataDependentOutputException", "DynamicOutputShapeException", "UnsupportedFakeTensorException")
"""What can't be pretended: results that depend on the numbers."""


def moves_to_another_device(subject: Subject) -> None:
    """`.to(device)` moves all that it computes with: a tensor outside parameters and buffers would stay behind."""
    with torch.no_grad():
        if subject.kind == "loss":
            _moves_term(subject)
        else:
            _moves_network(subject)


def _moves_network(subject: Subject) -> None:
    module = subject.make()
    inputs = inputs_of(subject.kind, SQUARE)
    with _pretended(subject):
        _moved(subject, module)
        output = call(subject, module, tuple(tensor.to(ELSEWHERE) for tensor in inputs))
        _demand_moved(subject, tensors_in(output), "what it returns lies where its inputs do")


def _moves_term(subject: Subject) -> None:
    graph = stage_of(subject)
    for player, term in players_of(subject):
        asked = mapped(asked_values(subject, term, player, graph, 2), Tensor.detach, copy.deepcopy)
        with _pretended(subject):
            _moved(subject, term)
            there = mapped(asked, lambda tensor: tensor.to(ELSEWHERE), lambda module: module.to(ELSEWHERE))
            loss = loss_of(term, player, there)
            _demand_moved(subject, {f"the loss of {player}(...)": loss}, "the loss lies where the values do")


def _moved(subject: Subject, module: nn.Module) -> None:
    module.to(ELSEWHERE)
    _demand_moved(subject, {**dict(module.named_parameters()), **dict(module.named_buffers())}, CONTRACT)


def _demand_moved(subject: Subject, tensors: Mapping[str, Tensor], contract: str) -> None:
    behind = [name for name, tensor in tensors.items() if tensor.device.type != ELSEWHERE]
    demand(subject, not behind, contract, f"on the CPU: {', '.join(behind)}")


@contextlib.contextmanager
def _pretended(subject: Subject) -> Iterator[None]:
    """Within, tensors have shapes and devices and no numbers; what mixes devices fails as it would on a GPU."""
    try:
        from torch._subclasses.fake_tensor import FakeTensorMode
    except ImportError as error:
        raise NotExaminedError(f"this torch cannot pretend devices: {error}") from error
    log = logging.getLogger("torch._subclasses.fake_tensor")
    level = log.level
    log.setLevel(logging.CRITICAL)  # what fails is told below
    try:
        with FakeTensorMode(allow_non_fake_inputs=True), mock.patch("torch.autograd.grad", _gradients):
            yield
    except RuntimeError as error:
        told = _innermost(error)
        if type(told).__name__ in UNKNOWN or "numpy()" in str(told):
            what = f"its computation leaves torch or depends on the numbers, which no pretended device has: {told}"
            raise NotExaminedError(what) from error
        raise ContractError(str(subject), CONTRACT, _short(told)) from error
    finally:
        log.setLevel(level)


def _gradients(outputs: Any, inputs: Tensor | Sequence[Tensor], *_: Any, **__: Any) -> tuple[Tensor, ...]:
    """Gradients, such as a penalty's, of the right shapes and devices: autograd itself needs a device that is there."""
    return tuple(torch.zeros_like(tensor) for tensor in ([inputs] if isinstance(inputs, Tensor) else inputs))


def _innermost(error: BaseException) -> BaseException:
    while error.__cause__ is not None:
        error = error.__cause__
    return error


def _short(error: Any) -> str:
    return " ".join(str(error).split())[:300]


CHECKS: Final = (moves_to_another_device,)
