"""A reader of the tutorial: what the page has them write and type, in its order, and a place to do it in."""

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import NamedTuple

from .conftest import FENCE, ROOT, pages

PAGE = "docs/plugins/tutorial.md"
HEADER = re.compile(r"# ([\w./-]+\.(?:py|toml|yaml))(, .+)?\n")
ENTRY = re.compile(r"^(\w+) = ", re.MULTILINE)


class Step(NamedTuple):
    """A fenced block of the tutorial: a file to write, commands to type, or what they answer."""

    kind: str
    name: str
    how: str
    text: str


def steps():
    """The blocks from section 2 on; section 1 makes the environment."""
    _, _, page = pages()[PAGE].partition("\n## 2. ")
    found = []
    for language, text in FENCE.findall(page):
        header = HEADER.match(text)
        if header:
            found.append(Step("file", header[1], (header[2] or "").removeprefix(", "), text[header.end() :]))
        else:
            found.append(Step(language or "seen", "", "", text))
    return found


def written(step, before):
    """A file's text after a step: the block's, or what was there before with the block put where the page says."""
    if step.how == "at the end":
        return f"{before}\n\n{step.text}"
    if step.how == "two entries":
        for line in step.text.splitlines():
            (key,) = ENTRY.findall(line)
            before, changed = re.subn(rf"^{key} = (\[\n.*?^\]|.*?)$", line, before, flags=re.DOTALL | re.MULTILINE)
            assert changed == 1, key
        return before
    assert not step.how, step.how
    return step.text


def environment(place):
    """An environment as section 1 makes it, without downloading what this one has: its variables.

    Returns None where the package index can't be reached.
    """
    subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(place), "platbase": str(place)}))
    shared = [str(ROOT), *(path for path in sys.path if path.endswith(("site-packages", "dist-packages")))]
    (packages / "shared.pth").write_text("\n".join(shared) + "\n")
    for command, module in (("efgan", "efgan_kit"), ("pytest", "pytest")):
        script = place / "bin" / command
        script.write_text(f'#!/bin/sh\nexec {place}/bin/python -P -m {module} "$@"\n')
        script.chmod(0o755)
    variables = {
        **os.environ,
        "PATH": f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "VIRTUAL_ENV": str(place),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "EFGAN_CACHE_DIR": str(place / "cache"),
        "EFGAN_CONFIG_DIR": str(place / "config"),
        "OMP_NUM_THREADS": "1",
    }
    for name in ("PYTHONPATH", "PYTEST_ADDOPTS", "EFGAN_DISABLE_PLUGINS"):
        variables.pop(name, None)
    installed = subprocess.run([place / "bin" / "pip", "install", "-q", "build"], env=variables, check=False)
    return variables if installed.returncode == 0 else None


class Terminal:
    """One terminal: commands are typed one block after another, and it stays in the folder they go to."""

    def __init__(self, folder, variables):
        self.folder, self.variables, self.code, self.seen = folder, variables, 0, ""

    def type(self, commands):
        """Run a block; it ends at the first command that fails."""
        note = Path(self.variables["VIRTUAL_ENV"]) / "folder"
        script = f"set -e\n{commands}\npwd > {note}\n"
        done = subprocess.run(
            ["bash", "-c", script], cwd=self.folder, env=self.variables, capture_output=True, text=True, check=False
        )
        self.code, self.seen = done.returncode, done.stdout + done.stderr
        if done.returncode == 0:
            self.folder = Path(note.read_text().strip())

    def missing(self, text, *, digits=True):
        """The lines of a text that the last commands did not answer; spaces and rules don't count."""

        def plain(line):
            return " ".join((line if digits else re.sub(r"\d+", "0", line)).split())

        seen = plain(self.seen)
        return [line for line in text.splitlines() if plain(line) not in seen]
