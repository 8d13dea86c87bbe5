"""torch.export's own file, `.pt2`: the network for programs that have torch alone."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import torch
from torch import Tensor
from torch.export import ExportedProgram

from efgan_kit.editing.export.network import Inputs
from efgan_kit.editing.export.parity import Run
from efgan_kit.editing.export.tracing import quiet

FILE: Final = "model.pt2"
FACTS: Final = "efgan_kit.json"
"""The file within the file that says what it is."""


def write_program(path: Path, program: ExportedProgram, facts: Mapping[str, str]) -> None:
    """Write the program, with `facts` as a file of its own among the file's extra files."""
    # Into memory first: on a disk that is full, torch's own writer ends the process.
    buffer = io.BytesIO()
    with quiet():
        torch.export.save(program, buffer, extra_files={FACTS: json.dumps(dict(facts))})
    path.write_bytes(buffer.getbuffer())


def open_program(path: Path) -> Run:
    """The network in a file."""
    with quiet():
        network = torch.export.load(path).module()

    def run(inputs: Inputs) -> list[Tensor]:
        with torch.inference_mode():
            return list(network(*inputs))

    return run
