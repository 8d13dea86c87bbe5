"""What optimizers and schedules must hold: the trainer sets one rate and asks for factors in any order."""

from __future__ import annotations

import math
from typing import Final

import torch
from torch import nn
from torch.optim import Optimizer

from efgan_kit.testing.contract import demand
from efgan_kit.testing.keeping import restored_optimizer
from efgan_kit.testing.scenes import SQUARE
from efgan_kit.testing.subject import Subject


def _valley(subject: Subject) -> tuple[nn.Parameter, Optimizer]:
    """A parameter, and the optimizer that is to bring it to 0."""
    parameter = nn.Parameter(torch.tensor([1.0, -2.0, 3.0]))
    optimizer = subject.make_here(subject.params, SQUARE, parameters=[parameter])
    demand(subject, isinstance(optimizer, Optimizer), "makes a torch Optimizer", type(optimizer).__name__)
    return parameter, optimizer


def _descend(parameter: nn.Parameter, optimizer: Optimizer, steps: int) -> float:
    for _ in range(steps):
        optimizer.zero_grad(set_to_none=True)
        parameter.square().sum().backward()
        optimizer.step()
    return float(parameter.detach().square().sum())


def some_steps(subject: Subject) -> None:
    """Takes three."""
    _descend(*_valley(subject), 3)


def goes_downhill(subject: Subject) -> None:
    """A few steps in a quadratic valley lower the loss."""
    parameter, optimizer = _valley(subject)
    left = _descend(parameter, optimizer, 50)
    demand(subject, left < 14.0, "fifty steps lower a quadratic loss", f"{left:g} from 14")


def obeys_its_rate(subject: Subject) -> None:
    """The schedule works by setting `lr` of the one parameter group."""
    parameter, optimizer = _valley(subject)
    groups = [sorted(group) for group in optimizer.param_groups]
    demand(subject, len(groups) == 1 and "lr" in groups[0], "has one parameter group, with an lr", groups)
    optimizer.param_groups[0]["lr"] = 0.0
    left = _descend(parameter, optimizer, 3)
    demand(subject, left == 14.0, "a rate of 0 moves nothing", f"the loss went from 14 to {left:g}")


def keeps_its_moments_in_its_state(subject: Subject) -> None:
    """Taken up from its state dict, it goes on as if never stopped."""
    parameter, optimizer = _valley(subject)
    _descend(parameter, optimizer, 3)
    twin, resumed = _valley(subject)
    with torch.no_grad():
        twin.copy_(parameter)
    restored_optimizer(subject, optimizer, resumed)
    ends = [_descend(parameter, optimizer, 3), _descend(twin, resumed, 3)]
    demand(subject, ends[0] == ends[1], "a restored optimizer takes the same steps", ends)


OPTIMIZER: Final = (goes_downhill, obeys_its_rate, keeps_its_moments_in_its_state)


def gives_a_factor_at_every_step(subject: Subject) -> None:
    """Finite, not negative, and not 0 throughout, for trainings short and long."""
    for steps, steps_per_epoch in ((1, 1), (7, 100), (200, 10)):
        schedule = subject.make_here(subject.params, SQUARE, steps=steps, steps_per_epoch=steps_per_epoch)
        factors = [schedule(step) for step in range(steps)]
        bad = {step: f for step, f in enumerate(factors) if not (math.isfinite(f) and f >= 0)}
        demand(subject, not bad, "factors are finite and not negative", f"of {steps} steps: {bad}")
        demand(subject, any(factors), "some step has a rate other than 0", f"none of {steps}")


def remembers_nothing(subject: Subject) -> None:
    """A resumed run asks from the middle: the factor depends on the step alone."""
    schedules = [subject.make_here(subject.params, SQUARE, steps=50, steps_per_epoch=5) for _ in range(2)]
    onward = [schedules[0](step) for step in range(50)]
    back = [schedules[1](step) for step in reversed(range(50))][::-1]
    moved = [step for step in range(50) if onward[step] != back[step]]
    demand(subject, not moved, "a step's factor does not depend on the steps asked before", f"moved: {moved}")


SCHEDULE: Final = (gives_a_factor_at_every_step, remembers_nothing)
