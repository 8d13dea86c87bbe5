"""ONNX: the network for ONNX Runtime and its like."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor
from torch.export import ExportedProgram

from efgan_kit.editing.export.network import INPUTS, OUTPUTS, Inputs
from efgan_kit.editing.export.parity import Run
from efgan_kit.editing.export.tracing import quiet
from efgan_kit.errors import fail

FILE: Final = "model.onnx"
OPSET: Final = 20
"""The version of ONNX's operators, 2023; the first whose GridSample is what torch exports."""
NEEDED: Final = ("onnx", "onnxscript", "onnxruntime")
INSTALL: Final = "pip install 'efgan-kit[onnx]'"


def missing() -> list[str]:
    """The packages of the extra `onnx` that are not installed."""
    return [name for name in NEEDED if importlib.util.find_spec(name) is None]


def refuse_missing() -> None:
    """Raises EfganError unless the extra `onnx` is installed."""
    if absent := missing():
        raise fail("--to onnx", f"needs {', '.join(absent)}, which is not installed", INSTALL)


def write_onnx(path: Path, program: ExportedProgram, facts: Mapping[str, str]) -> None:
    """Write the program, with `facts` as the file's metadata and a description of each input and output."""
    with quiet(), torch.no_grad():
        made = torch.onnx.export(
            program,
            input_names=list(INPUTS),
            output_names=list(OUTPUTS),
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
    assert made is not None
    model: Any = made.model
    model.metadata_props.update({**facts, "opset": str(OPSET)})
    model.producer_name, model.producer_version = "efgan_kit", facts["efgan_kit"]
    for value in (*model.graph.inputs, *model.graph.outputs):
        value.doc_string = {**INPUTS, **OUTPUTS}[value.name]
        value.shape[0] = "batch"
    made.save(path)


def open_onnx(path: Path) -> Run:
    """The network in a file, run by ONNX Runtime on the CPU, with as many threads as torch has."""
    runtime: Any = importlib.import_module("onnxruntime")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = runtime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def run(inputs: Inputs) -> list[Tensor]:
        given = {name: value.numpy() for name, value in zip(INPUTS, inputs, strict=True)}
        return [torch.from_numpy(found) for found in session.run(list(OUTPUTS), given)]

    return run
