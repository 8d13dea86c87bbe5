"""The bad plugins, installed in a folder as pip would."""

import os
import re
from pathlib import Path

import pytest

BAD = Path(__file__).parents[1] / "plugins" / "bad"
ROOT = Path(__file__).parents[2]
STEMS = sorted(path.stem for path in BAD.glob("*.py"))


def distribution(stem):
    return f"bad-{stem.replace('_', '-')}"


def install_bad(place, stems):
    """Make findable in `place` what installing those plugins would; a line `requires: ...` of one is its metadata's."""
    for stem in stems:
        lines = re.findall(r"^requires: (.*)$", (BAD / f"{stem}.py").read_text(), re.MULTILINE)
        info = place / f"bad_{stem}-0.5.dist-info"
        info.mkdir(parents=True)
        required = "".join(f"Requires-Dist: {line}\n" for line in lines)
        extras = "Provides-Extra: far\n" if "extra ==" in required else ""
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution(stem)}\nVersion: 0.5\n{extras}{required}"
        )
        (info / "entry_points.txt").write_text(f"[efgan_kit]\n{stem} = {stem}\n")


@pytest.fixture(scope="session")
def environment_with(tmp_path_factory):
    """`environment_with("hang", ...)`: an environment for processes in which those bad plugins are installed."""

    def environment(*stems):
        folder = tmp_path_factory.mktemp("bad")
        install_bad(folder / "site", stems)
        paths = [str(BAD), str(folder / "site"), str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        own = {"EFGAN_CACHE_DIR": str(folder / "cache"), "EFGAN_CONFIG_DIR": str(folder / "config")}
        return {**os.environ, **own, "PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"}

    return environment
