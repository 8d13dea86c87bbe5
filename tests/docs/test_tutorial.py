"""The tutorial leads where it says: to the package efgan-kit-hinge, by commands that work as they stand there."""

import itertools
import re
import tomllib
import zipfile
from importlib import metadata

import pytest

from .conftest import ROOT, pages
from .reading import PAGE, Step, Terminal, environment, steps, written

FINISHED = ROOT / "plugins" / "efgan-kit-hinge"
FILES = [step for step in steps() if step.kind == "file"]


def last(name):
    """A file as it is when the reader is through, if all of it is on the page."""
    text = ""
    for step in FILES:
        if step.name == name:
            text = written(step, text)
    return text


@pytest.mark.parametrize("name", sorted({step.name for step in FILES} - {"pyproject.toml"}))
def test_what_the_reader_has_in_the_end_is_the_finished_package(name):
    assert last(name) == (FINISHED / name).read_text(encoding="utf-8")


def test_the_page_shows_all_that_the_package_does():
    code = {path.relative_to(FINISHED).as_posix() for path in FINISHED.glob("efgan_kit_hinge/**/*.*")}
    shown = {step.name for step in FILES}
    assert {name for name in code if name.endswith((".py", ".yaml"))} <= shown
    assert {"tests/test_losses.py", "pyproject.toml"} <= shown


def test_on_the_way_one_term_is_offered_as_in_the_end():
    on_the_way, in_the_end = (step.text for step in FILES if step.name.endswith("__init__.py"))
    assert set(on_the_way.splitlines()[1:]) < set(in_the_end.splitlines())


def test_the_package_describes_itself_as_the_reader_writes():
    (step,) = [step for step in FILES if step.name == "pyproject.toml"]
    project = tomllib.loads((FINISHED / "pyproject.toml").read_text())["project"]
    for key, value in tomllib.loads(step.text).items():
        assert project[key] == value


def test_the_readmes_term_keeps_the_contract():
    import torch

    from efgan_kit.testing.conformance import Subject, examine

    section = pages()["README.md"].partition("## Plugins\n")[2].partition("\n## ")[0]
    (code,) = re.findall(r"^```python\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
    names = {"__name__": "sparing"}
    exec(code, names)
    examine(Subject("loss", names["Sparing"], {"power": 2.0}))
    maps = {"face": torch.full((2, 1, 4, 4), 0.5), "eyes": torch.zeros(2, 1, 2, 2)}
    assert names["Sparing"](power=2.0).generator(maps).item() == 0.25 / 2


def test_the_reader_meets_every_command_of_an_author():
    typed = "\n".join(step.text for step in steps() if step.kind == "sh").splitlines()
    begun = [" ".join(line.split()[:3]) for line in typed]
    of_plugins = {f"efgan plugin {verb}" for verb in ("new", "list", "show", "doctor", "check")}
    assert of_plugins | {"efgan recipe check", "efgan train hinge-quickstart", "python -m build"} <= set(begun)


@pytest.fixture
def reader(tmp_path):
    try:
        metadata.distribution("efgan-kit-hinge")
    except metadata.PackageNotFoundError:
        pass
    else:
        pytest.skip("efgan-kit-hinge is installed here: the page has the reader uninstall it")
    variables = environment(tmp_path / "environment")
    if variables is None:
        pytest.skip("no package index can be reached")
    folder = tmp_path / "reader"
    folder.mkdir()
    return Terminal(folder, variables)


def listed():
    """The files that the page says `efgan plugin new` writes."""
    section = pages()[PAGE].partition("\n## 2. ")[2].partition("\n## ")[0]
    return {name for row in re.findall(r"^\| (`.*?) \|", section, re.MULTILINE) for name in re.findall("`(.*?)`", row)}


def test_the_page_explains_every_file_of_a_new_package():
    package = pytest.importorskip("efgan_kit.scaffold.package")
    files = package.plan("efgan-kit-other", "loss", "Ada Example").files
    assert listed() == {re.sub("other(?=/|-)", "hinge", str(path)) for path in files}


@pytest.mark.proof
def test_a_reader_comes_from_nothing_to_a_wheel(reader):
    """Everything on the page from section 2 on, word for word and in its order, from an empty folder."""
    empty = reader.folder
    for step, answer in itertools.pairwise([*steps(), Step("", "", "", "")]):
        if step.kind == "file":
            path = reader.folder / step.name
            path.write_text(written(step, path.read_text() if path.exists() else ""))
        elif step.kind == "sh":
            reader.type(step.text)
            refused = answer.kind == "text" and answer.text.startswith("error: ")
            assert reader.code == (2 if refused else 0), f"{step.text}\n{reader.seen}"
        elif step.kind == "text":
            assert reader.missing(step.text) == [], reader.seen
        elif step.kind == "seen":
            _try_a_fault(reader, step.text)
    assert reader.folder == empty
    package = empty / "efgan-kit-hinge"
    (wheel,) = (package / "dist").glob("*.whl")
    held = zipfile.ZipFile(wheel).namelist()
    for file in ("__init__.py", "losses.py", "py.typed", "recipes/hinge.yaml", "recipes/hinge-quickstart.yaml"):
        assert f"efgan_kit_hinge/{file}" in held
    reader.type("pip show -f efgan-kit-hinge && efgan recipe list")
    assert "Editable project location" not in reader.seen
    assert reader.missing("hinge-quickstart\nRequires: efgan-kit, torch") == []
    assert (package / "runs" / "small" / "samples").is_dir()
    report = (package / "runs" / "ablation" / "report.md").read_text()
    assert re.search(r"^\| adversarial +\| +2 \|", report, re.MULTILINE)
    assert re.search(r"^\| losses.adversarial: relativistic +\| +2 \|", report, re.MULTILINE)


def _try_a_fault(reader, shown):
    """What the page has the reader try: a term that sums over the batch is caught, by the words shown."""
    losses = reader.folder / "efgan_kit_hinge" / "losses.py"
    right = losses.read_text()
    losses.write_text(right.replace("fake.mean() for fake", "fake.sum() for fake"))
    reader.type("efgan plugin check efgan-kit-hinge")
    assert reader.code == 2
    assert reader.missing(shown, digits=False) == [], reader.seen
    losses.write_text(right)
