"""The plugin of the tutorial, made from the words of the page, works."""

import re
import runpy
import sys
import tomllib

import pytest
import torch

from .conftest import pages

FILE = re.compile(r"^```\w+\n# (\S+\.(?:py|toml|yaml))\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def files_of(page):
    return {found[1]: found[2] for found in FILE.finditer(pages()[page])}


@pytest.fixture(params=["README.md", "docs/plugins.md"])
def plugin(request, tmp_path, monkeypatch, fresh_registry):
    """The page's files, importable and with the metadata that pip would write."""
    for name, text in files_of(request.param).items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    project = tomllib.loads((tmp_path / "pyproject.toml").read_text())["project"]
    metadata = tmp_path / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    points = project["entry-points"]["efgan_kit"].items()
    lines = "".join(f"{name} = {module}\n" for name, module in points)
    (metadata / "entry_points.txt").write_text(f"[efgan_kit]\n{lines}")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    for module in ("efgan_attention_tv", "efgan_attention_tv.losses"):
        monkeypatch.delitem(sys.modules, module, raising=False)


def test_the_plugin_offers_its_term(plugin, efgan):
    shown = efgan("plugin", "show", "attention-tv")
    assert shown.code == 0
    assert "Of the differences between neighbouring pixels." in shown.out
    assert "efgan-attention-tv 0.1.0" in shown.out


def test_its_recipe_holds_together(plugin, efgan):
    answer = efgan("recipe", "check", plugin / "smooth.yaml")
    assert (answer.code, answer.err) == (0, "")


def test_a_misspelt_key_is_refused_with_the_right_one(plugin, efgan):
    answer = efgan("recipe", "check", plugin / "smooth.yaml", "-o", "losses.smooth.pwoer=1")
    assert answer.code == 2
    assert "did you mean 'power'?" in answer.err


def test_the_term_is_total_variation(plugin):
    from efgan_attention_tv.losses import AttentionTV

    ramp = torch.linspace(0, 1, 5).expand(2, 1, 3, 5)  # steps of 1/4 across, none down
    flat = torch.full((2, 1, 4, 4), 0.5)
    assert AttentionTV().generator({"face": ramp}).item() == pytest.approx(1 / 16)
    assert AttentionTV(power=1).generator({"face": ramp, "eyes": flat}).item() == pytest.approx(1 / 8)


@pytest.mark.parametrize("plugin", ["docs/plugins.md"], indirect=True)
def test_the_tutorials_own_test_passes(plugin):
    runpy.run_path(str(plugin / "test_losses.py"))["test_the_term_keeps_the_contract"]()


def test_both_pages_show_the_same_code():
    readme, tutorial = files_of("README.md"), files_of("docs/plugins.md")
    for name in ("pyproject.toml", "efgan_attention_tv/__init__.py", "efgan_attention_tv/losses.py"):
        assert readme[name] == tutorial[name]
