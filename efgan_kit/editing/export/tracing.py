"""The graph as one program for any number of faces, by torch.export."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch.export import Dim, ExportedProgram

from efgan_kit.editing.export.network import INPUTS, EditingNetwork, Inputs
from efgan_kit.errors import fail


def trace(network: EditingNetwork, inputs: Inputs, where: str) -> ExportedProgram:
    """The network as a program whose batch is of any size.

    Args:
        inputs: Two faces or more.
        where: What messages call the run.

    Raises:
        EfganError: A component can't be traced, or only for so many faces as `inputs` has.
    """
    batch = Dim("batch", min=1)
    try:
        with quiet(), torch.no_grad():
            return torch.export.export(network, inputs, dynamic_shapes={name: {0: batch} for name in INPUTS})
    except Exception as error:
        first = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
        hint = "components must not branch on values, nor ask a tensor for len(): x.shape[0] can be traced"
        raise fail(where, f"the graph can't be exported for batches of any size: {first}", hint) from error


@contextmanager
def quiet() -> Iterator[None]:
    """Within, exporters keep their remarks to themselves."""
    loggers = [logging.getLogger(name) for name in ("torch.export", "torch.onnx", "onnxscript", "onnx_ir")]
    before = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            for logger, level in zip(loggers, before, strict=True):
                logger.setLevel(level)
