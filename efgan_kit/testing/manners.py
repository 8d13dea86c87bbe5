"""What a component leaves alone: it shares a process with others that count on it."""

from __future__ import annotations

import contextlib
import copy
import functools
import io
import os
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import attrs
import numpy as np
import torch

from efgan_kit.recipe.uses import is_plain
from efgan_kit.registry.signature import signature_of
from efgan_kit.testing.contract import demand
from efgan_kit.testing.exercise import exercise
from efgan_kit.testing.subject import Subject

SETTINGS: Final[dict[str, Callable[[], Any]]] = {
    "torch.get_default_dtype()": torch.get_default_dtype,
    "torch.get_default_device()": torch.get_default_device,
    "torch.is_grad_enabled()": torch.is_grad_enabled,
    "torch.is_anomaly_enabled()": torch.is_anomaly_enabled,
    "torch.are_deterministic_algorithms_enabled()": torch.are_deterministic_algorithms_enabled,
    "torch.get_float32_matmul_precision()": torch.get_float32_matmul_precision,
    "torch.get_num_threads()": torch.get_num_threads,
    "torch.backends.cudnn.benchmark": lambda: torch.backends.cudnn.benchmark,
    "torch.backends.cudnn.deterministic": lambda: torch.backends.cudnn.deterministic,
    "numpy.geterr()": np.geterr,
    "the working directory": Path.cwd,
}
"""What belongs to the process, by name."""


def leaves_the_process_alone(subject: Subject) -> None:
    """Settings of torch and NumPy, the environment and the working directory are the program's to choose."""
    changed = _seen(subject).settings
    contract = "making and using it changes no setting of the process"
    demand(subject, not changed, contract, f"changed: {', '.join(changed)}")


def prints_nothing(subject: Subject) -> None:
    """What goes to stdout belongs to the command: with `--json` it is one document, which a line more would break."""
    printed = _seen(subject).printed
    contract = "making and using it prints nothing on stdout; warnings.warn and logging are there for messages"
    demand(subject, not printed, contract, repr(printed[:200]))


def leaves_other_generators_alone(subject: Subject) -> None:
    """Python's and NumPy's random numbers are nobody's in particular: drawing from them makes runs unrepeatable."""
    moved = _seen(subject).generators
    contract = "making and using it neither draws from Python's or NumPy's global generator nor seeds it"
    demand(subject, not moved, contract, f"the state of {' and '.join(moved)} has changed")


def leaves_its_parameters_alone(subject: Subject) -> None:
    """Defaults and a recipe's lists are shared, and not edited: what is made once more is made of the same."""
    changed = _seen(subject).parameters
    demand(subject, not changed, "parameters and defaults are not edited in place", "; ".join(changed))


CHECKS: Final = (
    leaves_the_process_alone,
    prints_nothing,
    leaves_other_generators_alone,
    leaves_its_parameters_alone,
)


@attrs.frozen
class _Traces:
    """What making and using a component left behind."""

    settings: Sequence[str]
    printed: str
    generators: Sequence[str]
    parameters: Sequence[str]


@functools.lru_cache(maxsize=1)
def _seen(subject: Subject) -> _Traces:
    """Make it and use it once, for all the checks of this module."""
    settings, environment = {name: look() for name, look in SETTINGS.items()}, dict(os.environ)
    generators, parameters = _generators(), copy.deepcopy(_parameters(subject))
    with contextlib.redirect_stdout(io.StringIO()) as output:
        exercise(subject)
    changed = [name for name, look in SETTINGS.items() if look() != settings[name]]
    changed += [f"${name}" for name, text in environment.items() if os.environ.get(name) != text]
    after = _parameters(subject)
    return _Traces(
        settings=changed,
        printed=output.getvalue(),
        generators=[name for name, state in _generators().items() if state != generators[name]],
        parameters=[f"{n} was {old!r}, is {after[n]!r}" for n, old in parameters.items() if after[n] != old],
    )


def _generators() -> dict[str, Any]:
    numpy: Any = np.random.get_state()
    return {"random": random.getstate(), "numpy.random": (numpy[1].tobytes(), *numpy[2:])}


def _parameters(subject: Subject) -> dict[str, Any]:
    keys = signature_of(subject.target, subject.kind).parameters.values()
    defaults = {f"the default of {key.name}": key.default for key in keys if is_plain(key.default)}
    return {**defaults, **{name: value for name, value in subject.params.items() if is_plain(value)}}
