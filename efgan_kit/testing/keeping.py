"""State that is kept as a training keeps it: tensors in safetensors, and no pickle."""

from __future__ import annotations

import contextlib
import pickle
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from torch import Tensor, nn
from torch.optim import Optimizer

from efgan_kit.testing.contract import ContractError, demand
from efgan_kit.testing.subject import Subject
from efgan_kit.training import checkpoints
from efgan_kit.training.checkpoint_writing import write
from efgan_kit.training.run_folder import RunFolder
from efgan_kit.training.snapshots import snapshot


def restored(subject: Subject, first: nn.Module, second: nn.Module) -> None:
    """Write a checkpoint of the first and read it into the second."""
    with _no_pickle(subject):
        state = first.state_dict()
    odd = [name for name, value in state.items() if not isinstance(value, Tensor)]
    demand(subject, not odd, "the state dict holds tensors alone, for want of pickle", f"not so: {odd}")
    with tempfile.TemporaryDirectory() as folder, _no_pickle(subject):
        checkpoint = write(RunFolder(Path(folder)), snapshot(1, {"part": first}, {}, {}), keep=1).path
        checkpoints.restore_module(checkpoint, "part", second)


def restored_optimizer(subject: Subject, first: Optimizer, second: Optimizer) -> None:
    """Write a checkpoint of the first and read it into the second."""
    odd = [
        f"{field}: {type(value).__name__}"
        for fields in first.state_dict()["state"].values()
        for field, value in fields.items()
        if not isinstance(value, (Tensor, int, float, bool, type(None)))
    ]
    demand(subject, not odd, "an optimizer's state is tensors and numbers, for want of pickle", ", ".join(odd))
    with tempfile.TemporaryDirectory() as folder, _no_pickle(subject):
        checkpoint = write(RunFolder(Path(folder)), snapshot(1, {}, {"part": first}, {}), keep=1).path
        checkpoints.restore_optimizer(checkpoint, "part", second)


@contextlib.contextmanager
def _no_pickle(subject: Subject) -> Iterator[None]:
    """Within, whoever pickles breaks the contract."""

    def refuse(*_: Any, **__: Any) -> Any:
        contract = "state is kept without pickle, which runs whatever code a file holds"
        raise ContractError(str(subject), contract, "it is pickled or unpickled")

    with mock.patch.multiple(pickle, dump=refuse, dumps=refuse, load=refuse, loads=refuse):
        yield
