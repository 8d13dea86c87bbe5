"""Running a check, whatever the component does in it."""

from __future__ import annotations

import contextlib
import os
import random
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import torch

from efgan_kit.testing.contract import ContractError, NotExaminedError
from efgan_kit.testing.subject import Check, Subject

OURS: Final = Path(__file__).parent
RAISES: Final = "making and using it on the CPU, as the framework does, raises no error"


def hold(check: Check, subject: Subject) -> None:
    """Run a check of a component.

    Raises:
        ContractError: The contract is broken; so it is by a component that raises an error of any kind, or exits.
        NotExaminedError: What the check needs is not here.
    """
    try:
        with _process_kept():
            check(subject)
    except (ContractError, NotExaminedError):
        raise
    except (Exception, SystemExit) as error:
        raise ContractError(str(subject), RAISES, raised(error)) from error


@contextlib.contextmanager
def _process_kept() -> Iterator[None]:
    """Within, torch has one thread; afterwards, settings and random states are as before, whatever a component does.

    The tensors are small: several threads would only wait for each other, the longer the busier the machine.
    """
    deterministic = torch.are_deterministic_algorithms_enabled()
    threads, dtype, folder = torch.get_num_threads(), torch.get_default_dtype(), Path.cwd()
    states = random.getstate(), np.random.get_state()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]), torch.enable_grad():
            yield
    finally:
        torch.set_num_threads(threads)
        torch.set_default_dtype(dtype)
        torch.use_deterministic_algorithms(deterministic)
        os.chdir(folder)
        random.setstate(states[0])
        np.random.set_state(states[1])


def raised(error: BaseException) -> str:
    """An error in a line, with the place in the component's own code that it came from."""
    message = " ".join(str(error).split())
    told = f"raised {type(error).__name__}: {message}".rstrip(": ")
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_the_components(frame.filename)]
    return f"{told} (at {frames[-1].filename}:{frames[-1].lineno})" if frames else told


def _is_the_components(file: str) -> bool:
    path = Path(file)
    libraries = ("torch", "numpy", "pluggy", "_pytest", "importlib")
    return path.is_absolute() and OURS not in path.parents and not any(part in libraries for part in path.parts)
