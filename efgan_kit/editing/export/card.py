"""The model card: what the weights are, what they learned from, how good they are, and what they are not for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from efgan_kit.editing.export.network import INPUTS, OUTPUTS
from efgan_kit.editing.export.parity import Parity
from efgan_kit.editing.export.sources import Data
from efgan_kit.recipe import ComponentUse
from efgan_kit.registry.distributions import OWN, version_of
from efgan_kit.training import Trained

TEMPLATE: Final = "card.md.j2"
FILES: Final = {
    "model.safetensors": "the weights that edit, for efgan_kit",
    "recipe.yaml": "the recipe they were trained by, with every default",
    "model.onnx": "the network, for ONNX Runtime",
    "model.pt2": "the network, for torch alone",
    "preprocessing.json": "how a face becomes the network's input, and its output a picture",
    "preparation.json": "how the training's photographs were found, labelled and levelled",
    "lock.json": "what it was trained with: versions, seed, machine",
    "summary.json": "the training's end, and its main figures",
    "evaluation.json": "all figures",
    "manifest.json": "sizes and SHA-256 of these files, checked by efgan_kit when they are read",
}
ROWS: Final = (
    ("AU error", "au-error", "{}", 3),
    ("AU error, of those that should change", "au-error", "changed.{}", 3),
    ("PSNR (dB)", "picture-error", "face.psnr.{}", 2),
    ("SSIM", "picture-error", "face.ssim.{}", 3),
    ("L1", "picture-error", "face.l1.{}", 4),
)
"""Figures shown: title, metric, name with a place for `edit`, `no_op` or `floor`, digits."""


def card(trained: Trained, folder: Path, data: Data, parity: Parity, network: str) -> str:
    """The card, in Markdown, of what stands in `folder`."""
    recipe = trained.recipe
    evaluation = _read(trained.path / "evaluation.json")
    here = {path.name for path in folder.iterdir()} | {"manifest.json"}
    environment = Environment(
        loader=PackageLoader("efgan_kit.editing", "export"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    generator = recipe.graph.params.get("generator")
    return environment.get_template(TEMPLATE).render(
        name=recipe.name,
        version=version_of(OWN) or "of unknown version",
        size=recipe.faces.size,
        aus=recipe.faces.aus.names,
        graph=recipe.graph.use,
        generator=generator.use if isinstance(generator, ComponentUse) else "of its own",
        length=_length(trained),
        network=network,
        inputs=INPUTS,
        outputs=OUTPUTS,
        parity=parity,
        data=data,
        measured=_measured(evaluation),
        rows=list(_rows(evaluation)),
        warnings=[str(warning).rstrip(".") for warning in evaluation.get("warnings", ())],
        files={name: text for name, text in FILES.items() if name in here},
    )


def _length(trained: Trained) -> str:
    seconds = _read(trained.path / "summary.json").get("seconds")
    hardware = _read(trained.path / "lock.json").get("hardware", {})
    machine = ", ".join(hardware.get("gpus") or [f"{hardware.get('cores', 'some')} processor cores"])
    took = f", {_duration(seconds)} on a machine with {machine}" if isinstance(seconds, (int, float)) else ""
    return f"{trained.step} steps of {trained.recipe.train.batch_size} faces{took}"


def _duration(seconds: float) -> str:
    for unit, length in (("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} seconds"


def _measured(evaluation: Mapping[str, Any]) -> str:
    if not evaluation:
        return ""
    return f"{evaluation.get('pairs')} edits of {evaluation.get('people')} people ({evaluation.get('data')})."


def _rows(evaluation: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for title, metric, name, digits in ROWS:
        figures = evaluation.get("figures", {}).get(metric, {})
        values = [figures.get(name.format(who)) for who in ("edit", "no_op", "floor")]
        if values[0] is None:
            continue
        edit, *others = (f"{value:.{digits}f}" if isinstance(value, (int, float)) else "" for value in values)
        bounds = evaluation.get("intervals", {}).get(metric, {}).get(name.format("edit"))
        sure = f" [{bounds[0]:.{digits}f}, {bounds[1]:.{digits}f}]" if bounds and None not in bounds else ""
        yield (title, edit + sure, *others)


def _read(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}
