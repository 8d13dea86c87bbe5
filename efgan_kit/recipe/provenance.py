"""What a run was made with: the content of `lock.json`."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from efgan_kit.cores import usable_cores
from efgan_kit.recipe.model import Recipe
from efgan_kit.recipe.wiring import offered_in
from efgan_kit.registry.catalogue import Offer
from efgan_kit.registry.distributions import OWN, version_of


def lock(recipe: Recipe) -> dict[str, Any]:
    """Versions, seed, commit and hardware: what it takes to repeat the run, or to see why it cannot be.

    `distributions` holds efgan-kit, torch and every distribution that offered a component in use;
    `components` says whose each component is: `{"loss:wgan-gp": "efgan-kit"}`.
    """
    offers = _offers(recipe)
    return {
        "distributions": versions_of(recipe),
        "components": dict(sorted((f"{offer.kind}:{offer.name}", offer.distribution) for offer in offers)),
        "seed": recipe.train.seed,
        "commit": git_commit(Path(recipe.source).parent) or git_commit(Path()),
        "python": platform.python_version(),
        "hardware": hardware(),
    }


def versions_of(recipe: Recipe) -> dict[str, str]:
    """The versions of efgan-kit, torch and every distribution that offered a component in use."""
    versions = {OWN: version_of(OWN) or "unknown", "torch": torch.__version__}
    versions.update({offer.distribution: offer.version for offer in _offers(recipe)})
    return dict(sorted(versions.items()))


def _offers(recipe: Recipe) -> list[Offer]:
    """Those of the components and values in use."""
    offers = [use.offer for use in recipe.components() if use.offer is not None]
    return offers + [made.offer for made in offered_in(recipe).values()]


def git_commit(folder: Path) -> Mapping[str, Any] | None:
    """The commit of the git repository that holds `folder`, and whether tracked files differ from it."""
    commit = _git(folder, "rev-parse", "HEAD")
    if not commit:
        return None
    return {"id": commit, "changed": bool(_git(folder, "status", "--porcelain", "--untracked-files=no"))}


def _git(folder: Path, *arguments: str) -> str | None:
    command = ["git", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def hardware() -> dict[str, Any]:
    """The processor, the cores this process may use, the GPUs."""
    gpus = [torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())]
    return {"system": platform.platform(), "processor": _processor(), "cores": usable_cores(), "gpus": gpus}


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.is_file():
        for line in information.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
