"""One plugin, looked at in processes of its own, and what of it breaks a promise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import attrs

from efgan_kit.diagnosis.process import Seen, look
from efgan_kit.diagnosis.promises import SLOW, Finding, until_mended
from efgan_kit.registry import Offer
from efgan_kit.registry.candidates import Candidate
from efgan_kit.registry.distributions import install_line
from efgan_kit.registry.models import models_in

PATIENT: Final = "efgan_kit.diagnosis.patient"
HEAVY: Final = frozenset((
    "accelerate", "cv2", "dlib", "gradio", "jax", "keras", "lightning", "matplotlib", "mediapipe", "mlflow", "numba",
    "numpy", "onnx", "onnxruntime", "pandas", "pytorch_lightning", "ray", "scipy", "skimage", "sklearn",
    "tensorboard", "tensorflow", "timm", "torch", "torchaudio", "torchmetrics", "torchvision", "transformers",
))  # fmt: skip
"""Libraries that take a tenth of a second or more to import."""


@attrs.frozen
class Examined:
    """What a look at a plugin came to.

    Attributes:
        findings: What was found.
        offers: Its components.
        recipes: The folders of its recipes that are there.
        models: Those of its models.
        seconds: How long its import took; None if it did not come to an end.
        loads: Whether its import and its hooks went through.
    """

    findings: tuple[Finding, ...]
    offers: tuple[Offer, ...]
    recipes: tuple[Path, ...]
    models: tuple[Path, ...]
    seconds: float | None
    loads: bool


def examine(candidate: Candidate, *, limit: float) -> Examined:
    """Look at a plugin, whether it is disabled or not."""
    seen = _look(candidate, limit)
    seconds, changed = seen.value("seconds"), seen.value("changed") or []
    libraries: list[str] = seen.value("libraries") or []
    imported = not any(record["failed"] == "import" for record in seen.of("failed"))
    if not imported:
        seconds = None
    if imported and seconds is not None and seconds > SLOW and not HEAVY.intersection(libraries):
        # The first import may have compiled the source, or another program had the processor.
        seconds = min(seconds, _look(candidate, limit, import_only=True).value("seconds") or seconds)
    if imported and libraries:
        # What a library itself does when it is imported is not the plugin's doing: it is there before, this time.
        changed = _look(candidate, limit, preload=libraries, import_only=True).value("changed") or []
    folders = {record["folder"]: Path(record["path"]) for record in seen.of("folder") if record["there"]}
    findings = [
        *_endings(seen, candidate),
        *_failures(seen, candidate),
        *(_weight(libraries, seconds, candidate) if imported else ()),
        *_manners(seen, changed if imported else [], candidate),
        *_hooks(seen, candidate),
        *_targets(seen, candidate),
        *_folders(seen, candidate),
    ]
    return Examined(
        findings=tuple(findings),
        offers=tuple(_offer(record["offer"], candidate) for record in seen.of("offer")),
        recipes=tuple(folder for hook, folder in folders.items() if hook == "efgan_recipes"),
        models=tuple(folder for hook, folder in folders.items() if hook == "efgan_models"),
        seconds=seconds,
        loads=not any(finding.promise in ("import", "end", "hooks", "offers") for finding in findings),
    )


def _look(candidate: Candidate, limit: float, preload: Sequence[str] = (), *, import_only: bool = False) -> Seen:
    task = {
        "name": candidate.name,
        "module": candidate.module,
        "distribution": candidate.distribution,
        "version": candidate.version,
        "preload": list(preload),
        "import_only": import_only,
    }
    return look(PATIENT, task, limit=limit)


def _offer(said: Sequence[str], candidate: Candidate) -> Offer:
    kind, name, target, summary = said
    return Offer(kind, name, target, summary, candidate.distribution, candidate.version)


def _endings(seen: Seen, candidate: Candidate) -> Iterator[Finding]:
    if seen.unfinished:
        what = f"{'its import' if seen.unfinished == 'import' else seen.unfinished}: {seen.ending}"
        yield Finding("end", what, until_mended(candidate.distribution))


def _failures(seen: Seen, candidate: Candidate) -> Iterator[Finding]:
    for record in seen.of("failed"):
        step, where = record["failed"], f" ({record['where']})" if record["where"] else ""
        what = f"{record['reason']}{where}"
        way_out = until_mended(candidate.distribution)
        if step != "import":
            promise = "targets" if step.startswith("the ") and "'" in step else "hooks"
            yield Finding(promise, f"{step} fails: {what}", way_out)
        elif record["reason"].startswith("SystemExit"):
            yield Finding("end", f"its import calls sys.exit: {what}", way_out)
        elif record["missing"]:
            yield _missing(record["missing"], what, candidate)
        else:
            yield Finding("import", what, way_out)


def _missing(module: str, what: str, candidate: Candidate) -> Finding:
    own = candidate.module.partition(":")[0]
    if f"{own}.".startswith(f"{module}."):
        again = f"pip install --force-reinstall {candidate.distribution}"
        return Finding("import", f"the module of the entry point, {own}, is not there", again)
    return Finding("import", what, install_line(module, candidate.distribution))


def _weight(libraries: list[str], seconds: float | None, candidate: Candidate) -> Iterator[Finding]:
    slow = f"its import takes {seconds:.2f} s" if seconds is not None else ""
    if heavy := [library for library in libraries if library in HEAVY]:
        advice = "hooks name their components: the modules that need a library are imported when a recipe uses them"
        what = f"its import brings in {', '.join(heavy)}; {slow}, at every command"
        yield Finding("light", what, f"{advice}; {until_mended(candidate.distribution)}")
    elif seconds is not None and seconds > SLOW:
        yield Finding("light", f"{slow}, at every command", until_mended(candidate.distribution))


def _manners(seen: Seen, changed: list[str], candidate: Candidate) -> Iterator[Finding]:
    steps = ("import", "efgan_components", "efgan_recipes", "efgan_models")
    for record in seen.of("printed"):
        if record["printed"] in steps:
            said = " ".join(record["text"].split())
            what = f"its {record['printed']} prints: {said if len(said) <= 100 else said[:97] + '...'}"
            yield Finding("quiet", what, until_mended(candidate.distribution))
    if changed:
        what = f"its import changes {', '.join(changed)}"
        yield Finding("global state", what, until_mended(candidate.distribution))


def _hooks(seen: Seen, candidate: Candidate) -> Iterator[Finding]:
    if seen.value("implements") == []:
        yield Finding("hooks", "it implements no hook: it offers nothing", until_mended(candidate.distribution), "note")
    for record in seen.of("hook_fault"):
        yield Finding("hooks", record["hook_fault"], until_mended(candidate.distribution))
    for record in seen.of("offer_fault"):
        yield Finding("offers", record["offer_fault"], until_mended(candidate.distribution))


def _targets(seen: Seen, candidate: Candidate) -> Iterator[Finding]:
    for record in seen.of("target_fault"):
        what, hint, way_out = record["target_fault"], record["hint"], until_mended(candidate.distribution)
        if hint.startswith("pip install"):
            way_out = hint
        elif hint.startswith("did you mean"):
            what = f"{what}; {hint}"
        yield Finding("targets", what, way_out, "note" if record["optional"] else "fault")


def _folders(seen: Seen, candidate: Candidate) -> Iterator[Finding]:
    for record in seen.of("folder"):
        promise, path = record["folder"].removeprefix("efgan_"), record["path"]
        if not record["there"]:
            yield Finding(promise, f"there is no folder {path}", until_mended(candidate.distribution))
        elif promise == "models" and not models_in([(Path(path), candidate.distribution)]):
            yield Finding(promise, f"no exported model is in {path}", until_mended(candidate.distribution))
