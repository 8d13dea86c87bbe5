"""What the page on security promises of the code as a whole, and that the tests it names are there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
REFUSES = ROOT / "efgan_kit" / "testing" / "keeping.py"
"""It imports pickle to keep components from it."""
MODULES = sorted(set((ROOT / "efgan_kit").rglob("*.py")) - {REFUSES})
FORBIDDEN_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "os.system", "os.popen", "yaml.load", "torch.load", "torch.hub.load"}


def name_of(node):
    """`torch.load` for that expression; empty for what is no dotted name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = name_of(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""


def offences(path):
    """Where a module does what none may."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found = {alias.name.partition(".")[0] for alias in node.names} & FORBIDDEN_MODULES
        elif isinstance(node, ast.ImportFrom):
            found = {(node.module or "").partition(".")[0]} & FORBIDDEN_MODULES
        elif isinstance(node, ast.Call):
            options = {word.arg: ast.unparse(word.value) for word in node.keywords}
            called = name_of(node.func)
            found = ({called} & FORBIDDEN_CALLS) | (set(options) & {"shell"})
            if called in ("np.load", "numpy.load") and options.get("allow_pickle") != "False":
                found |= {called}
        else:
            continue
        for what in found:
            yield f"{path.relative_to(ROOT)}:{node.lineno}: {what}"


def test_no_module_unpickles_evaluates_or_asks_a_shell():
    assert len(MODULES) > 300
    assert [offence for path in MODULES for offence in offences(path)] == []


def test_offences_are_seen(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    (tmp_path / "bad.py").write_text(
        "import pickle\nfrom dill import loads\ntorch.load(x)\nnp.load(x)\nsubprocess.run(x, shell=True)\neval(x)\n"
        "np.load(x, allow_pickle=False)\nmodel.eval()\n"
    )
    assert [offence.partition(":")[2][0] for offence in offences(tmp_path / "bad.py")] == ["1", "2", "3", "4", "5", "6"]


def test_every_test_that_the_page_names_is_there():
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ")][2:]
    assert len(rows) > 15
    for row in rows:
        named = re.findall(r"`((?:plugins/[\w-]+/)?tests/[\w/.]+)`", row.split("|")[-2])
        assert named, row
        assert [path for path in named if not (ROOT / path).is_file()] == []
