"""Help and listings answer at once, because they import no torch."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
QUICK = 0.3
"""Seconds that a first answer may take."""


def run(*arguments, **environment):
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        check=False,
    )


@pytest.mark.parametrize("arguments", [["--help"], ["recipe", "list"], ["recipe", "--help"], ["--version"]])
def test_first_answers_import_no_torch_and_are_quick(arguments):
    done = run("-X", "importtime", "-m", "efgan_kit", *arguments)
    assert done.returncode == 0, done.stderr
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert not imported & {"torch", "numpy", "torchvision", "timm", "efgan_kit.api", "rich"}
    times = []
    for _ in range(5):
        start = time.perf_counter()
        run("-m", "efgan_kit", *arguments)
        times.append(time.perf_counter() - start)
    assert min(times) < QUICK


def test_importing_the_package_is_cheap_and_names_are_found_on_use():
    program = (
        "import sys, efgan_kit; assert 'torch' not in sys.modules;"
        "from efgan_kit import load_recipe, build_graph; assert 'torch' in sys.modules;"
        "assert callable(load_recipe) and callable(build_graph)"
    )
    done = run("-c", program)
    assert done.returncode == 0, done.stderr


def test_an_unknown_name_of_the_package_is_an_attribute_error():
    import efgan_kit

    with pytest.raises(AttributeError, match="no attribute 'trian'"):
        efgan_kit.trian  # noqa: B018
