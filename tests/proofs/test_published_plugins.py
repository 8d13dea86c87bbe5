"""What `efgan plugin new` writes can be published as it is: from its template to a training in a fresh environment.

Slow; run with `pytest -m proof`. Where hatchling is not installed, pip must reach its index.
"""

import importlib.util
import json
import os
import subprocess
import sys
import time
import venv
from pathlib import Path

import pytest

from efgan_kit.scaffold.kinds import STARTERS

pytestmark = pytest.mark.proof

ROOT = Path(__file__).parents[2]


def done(*command, cwd=None, **environment):
    """Run a command that must succeed; what it printed."""
    command = [str(word) for word in command]
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    ran = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, env={**variables, **environment}, check=False
    )
    assert ran.returncode == 0, f"{' '.join(command)}\n{ran.stdout}\n{ran.stderr}"
    return ran.stdout


@pytest.fixture(scope="session")
def build(tmp_path_factory):
    """Builds a project's wheel: `build(project)` is its path."""
    needed = {}
    if importlib.util.find_spec("hatchling") is None:
        needed["PYTHONPATH"] = str(tmp_path_factory.mktemp("builder"))
        done(sys.executable, "-m", "pip", "install", "--quiet", "--target", needed["PYTHONPATH"], "hatchling>=1.25")

    def build(project):
        place = tmp_path_factory.mktemp("wheel")
        options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--wheel-dir", place]
        done(sys.executable, "-m", "pip", "wheel", *options, project, **needed)
        (wheel,) = place.glob("*.whl")
        return wheel

    return build


@pytest.fixture(scope="session")
def own_wheel(build):
    """efgan-kit itself as it is published."""
    return build(ROOT)


@pytest.fixture
def fresh(tmp_path):
    """A fresh environment that borrows torch and the rest from this one, and has nothing of efgan-kit: its folder."""
    venv.create(tmp_path / "fresh", with_pip=False)
    (site,) = (tmp_path / "fresh" / "lib").glob("python*/site-packages")
    borrowed = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    (site / "borrowed.pth").write_text("".join(f"{path}\n" for path in borrowed))
    return tmp_path / "fresh"


@pytest.mark.parametrize("kind", STARTERS)
def test_a_new_plugin_is_built_installed_tested_checked_and_trained(
    kind, build, own_wheel, fresh, tmp_path, tmp_path_factory, record_property
):
    name, package, recipe = f"efgan-kit-moon-{kind}", f"efgan_kit_moon_{kind}", f"moon-{kind}-quickstart"
    python, efgan = fresh / "bin" / "python", fresh / "bin" / "efgan"
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index"]
    cache = {"EFGAN_CACHE_DIR": str(tmp_path_factory.getbasetemp() / "moon-cache"), "OMP_NUM_THREADS": "1"}
    began, times = time.monotonic(), {}

    def took(step):
        nonlocal began
        times[step], began = round(time.monotonic() - began, 1), time.monotonic()

    done(*pip, own_wheel)
    took("install efgan-kit")
    written = json.loads(done(efgan, "plugin", "new", name, "--kind", kind, "--json", cwd=tmp_path))
    project = tmp_path / written["folder"]
    took("new")
    done(*pip, build(project))
    took("build and install")

    inside = done(python, "-P", "-c", f"import efgan_kit, {package}; print(efgan_kit.__file__, {package}.__file__)")
    assert all(path.startswith(str(fresh)) for path in inside.split())
    listed = json.loads(done(efgan, "plugin", "list", "--json", cwd=tmp_path))
    (found,) = [plugin for plugin in listed["plugins"] if plugin["distribution"] == name]
    assert found["state"] == "active"
    assert found["version"] == "0.1.0"
    assert f"moon-{kind}" in json.dumps(found["components"])
    took("list")

    # -P: what is tested is the wheel, not the folder that the tests lie in.
    tested = done(python, "-P", "-m", "pytest", "-p", "no:cacheprovider", cwd=project, **cache)
    assert " passed" in tested
    took("pytest")
    checked = json.loads(done(efgan, "plugin", "check", name, "--json", cwd=tmp_path, **cache))
    assert checked["kept"] >= 3
    assert (checked["broken"], checked["not_examined"]) == (0, 0)
    took("check")

    # A metric is asked by the evaluation alone.
    measured = kind == "metric"
    options = ["--run", tmp_path / "run", "--device", "cpu", *([] if measured else ["--no-evaluate"])]
    done(efgan, "train", recipe, *options, cwd=tmp_path, **cache)
    assert json.loads((tmp_path / "run" / "log.jsonl").read_text().splitlines()[-1])["step"] == 20
    assert json.loads((tmp_path / "run" / "lock.json").read_text())
    if measured:
        figures = json.loads((tmp_path / "run" / "evaluation.json").read_text())["figures"]
        assert set(figures[f"moon-{kind}"]) == {"mean", "noticeable"}
    took("train 20 steps" + (" and evaluate" if measured else ""))
    record_property("seconds", times)
    print(f"{kind}: {times}")


def test_new_plugins_are_typed_strictly(fresh, own_wheel, tmp_path):
    pytest.importorskip("mypy")
    done(sys.executable, "-m", "pip", "--python", fresh / "bin" / "python", "install", "--quiet", "--no-deps",
         "--no-index", own_wheel)  # fmt: skip
    for kind in STARTERS:
        name = f"efgan-kit-moon-{kind}"
        done(fresh / "bin" / "efgan", "plugin", "new", name, "--kind", kind, cwd=tmp_path)
        mypy = [sys.executable, "-m", "mypy", "--python-executable", fresh / "bin" / "python"]
        assert "no issues found" in done(*mypy, "--cache-dir", tmp_path / "cache", cwd=tmp_path / name)
