"""What of a process an import should leave alone, seen before and after."""

from __future__ import annotations

import logging
import os
import random
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Mapping
from typing import Any, Final


def _torch() -> Mapping[str, Any]:
    torch = sys.modules["torch"]
    return {
        "torch's random state": torch.get_rng_state().numpy().tobytes(),
        "torch's default dtype": torch.get_default_dtype(),
        "torch's default device": str(torch.get_default_device()),
        "whether torch keeps gradients": torch.is_grad_enabled(),
        "torch's deterministic algorithms": torch.are_deterministic_algorithms_enabled(),
        "torch's cudnn.benchmark": torch.backends.cudnn.benchmark,
        "torch's cudnn.deterministic": torch.backends.cudnn.deterministic,
        "torch's float32 matmul precision": torch.get_float32_matmul_precision(),
        "torch's threads": torch.get_num_threads(),
        "whether torch looks for anomalies": torch.is_anomaly_enabled(),
    }


def _numpy() -> Mapping[str, Any]:
    numpy = sys.modules["numpy"]
    name, keys, *rest = numpy.random.get_state()
    return {
        "numpy's random state": (name, keys.tobytes(), *rest),
        "numpy's handling of floating-point errors": numpy.geterr(),
        "numpy's print options": numpy.get_printoptions(),
    }


def _python() -> Mapping[str, Any]:
    return {
        "random's state": random.getstate(),
        "the warnings filters": list(warnings.filters),
        "the root logger's level": logging.root.level,
        "the root logger's handlers": list(logging.root.handlers),
        "whether logging is disabled": logging.root.manager.disable,
        "the working folder": os.getcwd(),  # noqa: PTH109 - as it is set
        "sys.path": list(sys.path),
        "sys.argv": list(sys.argv),
        "sys.excepthook": sys.excepthook,
        "sys.stdout or sys.stderr": (sys.stdout, sys.stderr),
        "the recursion limit": sys.getrecursionlimit(),
        "what Ctrl-C or SIGTERM do": (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)),
        "running threads": {thread.ident for thread in threading.enumerate()},
    }


_LIBRARIES: Final[Mapping[str, Callable[[], Mapping[str, Any]]]] = {"torch": _torch, "numpy": _numpy}


def snapshot() -> dict[str, Any]:
    """What there is, by name; of libraries only those that are imported."""
    seen = {**_python(), **{f"the environment variable {name}": value for name, value in os.environ.items()}}
    for name, look in _LIBRARIES.items():
        if name in sys.modules:
            seen.update(look())
    return seen


def changes(before: Mapping[str, Any]) -> list[str]:
    """The names of what is not as it was, or was not there."""
    now, came = snapshot(), {name for name in _LIBRARIES if name in sys.modules}
    of_libraries = {key for name in came for key in _LIBRARIES[name]()}
    names = dict.fromkeys([*before, *now])
    return [n for n in names if (n in before or n not in of_libraries) and before.get(n) != now.get(n)]
