"""What a component leaves alone: it shares a process with others that count on it."""

from __future__ import annotations

import contextlib
import io
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

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
    before, environment = {name: look() for name, look in SETTINGS.items()}, dict(os.environ)
    exercise(subject)
    changed = [name for name, look in SETTINGS.items() if look() != before[name]]
    changed += [name for name, text in environment.items() if os.environ.get(name) != text]
    contract = "making and using it changes no setting of the process"
    demand(subject, not changed, contract, f"changed: {', '.join(changed)}")


def prints_nothing(subject: Subject) -> None:
    """What goes to stdout belongs to the command: with `--json` it is one document, which a line more would break."""
    with contextlib.redirect_stdout(io.StringIO()) as output:
        exercise(subject)
    printed = output.getvalue()
    contract = "making and using it prints nothing on stdout; warnings.warn and logging are there for messages"
    demand(subject, not printed, contract, repr(printed[:200]))


def leaves_other_generators_alone(subject: Subject) -> None:
    """Python's and NumPy's random numbers are nobody's in particular: drawing from them makes runs unrepeatable."""
    states: list[Any] = []
    for _ in range(2):
        numpy: Any = np.random.get_state()
        states.append({"random": random.getstate(), "numpy.random": (numpy[1].tobytes(), *numpy[2:])})
        if len(states) == 1:
            exercise(subject)
    moved = [name for name, state in states[0].items() if states[1][name] != state]
    contract = "making and using it neither draws from Python's or NumPy's global generator nor seeds it"
    demand(subject, not moved, contract, f"the state of {' and '.join(moved)} has changed")


CHECKS: Final = (leaves_the_process_alone, prints_nothing, leaves_other_generators_alone)
