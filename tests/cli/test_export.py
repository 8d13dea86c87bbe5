"""`efgan export`, and what stands where a run does: exported folders and installed models."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from efgan_kit.editing.export import onnx_file
from efgan_kit.training.exported import write_manifest

pytestmark = pytest.mark.usefixtures("quick_export")

FACE = ("test:0", "--expression", "happy")


def pixels(path):
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB")).astype(float)


@pytest.fixture
def installed(exported_folder, tmp_path, monkeypatch, fresh_registry):
    """A plugin that offers the exported folder as the model 'starter'."""
    shutil.copytree(exported_folder, tmp_path / "site/models/starter")
    (tmp_path / "site/shop.py").write_text(
        "from pathlib import Path\nfrom efgan_kit.api import hookimpl\n"
        "@hookimpl\ndef efgan_models(): return Path(__file__).parent / 'models'\n"
    )
    info = tmp_path / "site/shop-0.5.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shop\nVersion: 0.5\n")
    (info / "entry_points.txt").write_text("[efgan_kit]\nshop = shop\n")
    monkeypatch.setenv("EFGAN_DISABLE_PLUGINS", "efgan-kit-starter")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    monkeypatch.delitem(__import__("sys").modules, "shop", raising=False)
    return tmp_path / "site/models/starter"


def test_a_folder_is_written_and_edits_like_the_run(efgan, full_run, tmp_path):
    answer = efgan("export", full_run, "--to", "safetensors", "--out", tmp_path / "model")
    assert answer.code == 0, answer.err
    assert "model.safetensors: " in answer.out
    assert "differs from the run by at most" in answer.out
    for run, out in ((full_run, "run.png"), (tmp_path / "model", "folder.png")):
        assert efgan("edit", *FACE, "--run", run, "--out", tmp_path / out).code == 0
    assert np.abs(pixels(tmp_path / "run.png") - pixels(tmp_path / "folder.png")).mean() < 1


def test_json_tells_sizes_parity_and_opset(efgan, full_run, tmp_path):
    form = "torch" if onnx_file.missing() else "onnx"
    out = tmp_path / ("model.pt2" if form == "torch" else "model.onnx")
    answer = efgan("export", full_run, "--to", form, "--out", out, "--json")
    assert answer.code == 0, answer.err
    told = json.loads(answer.out)
    assert (told["path"], told["form"], told["recipe"], told["step"]) == (str(out), form, "tiny", 2)
    assert told["files"] == {out.name: out.stat().st_size}
    assert told["opset"] == (None if form == "torch" else 20)
    assert 0 <= told["parity"]["image"] <= told["parity"]["tolerance"] == 1e-4
    assert told["parity"]["batch_sizes"] == [1, 3, 8, 2]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("RUN", "--to", "torch", "--out", "x.onnx"), "end it in .pt2"),
        (("RUN", "--to", "torch", "--out", "no/x.pt2"), "there is no folder 'no'"),
        (("no", "--to", "torch", "--out", "x.pt2"), "no such folder"),
        (("RUN", "--to", "tflite", "--out", "x"), "'tflite' is not one of"),
        (("RUN", "--to", "torch", "--out", ""), "it is empty"),
        (("RUN", "--to", "torch"), "Missing option '--out'"),
        ((".", "--to", "torch", "--out", "x.pt2"), "it has no recipe.yaml"),
    ],
)
def test_bad_input_is_one_message_and_nothing_is_written(efgan, full_run, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    answer = efgan("export", *(full_run if word == "RUN" else word for word in arguments))
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err
    assert "Traceback" not in answer.err
    assert list(tmp_path.iterdir()) == []


def test_what_needs_a_run_refuses_an_exported_folder(efgan, exported_folder, full_run, installed, tmp_path):
    recipe = exported_folder / "recipe.yaml"
    for arguments in (
        ("explain", exported_folder),
        ("explain", "starter"),
        ("train", recipe, "--run", exported_folder, "--resume"),
        ("train", recipe, "--start-from", exported_folder, "--run", tmp_path / "new"),
        ("train", recipe, "--run", exported_folder),
    ):
        answer = efgan(*arguments)
        assert answer.code == 2, arguments
        assert "exported folder" in answer.err or "something in this folder already" in answer.err
    assert not (tmp_path / "new").exists()


def test_an_exported_folder_is_measured_and_left_as_it_is(efgan, exported_folder, quick_judge):
    before = {path.name: path.read_bytes() for path in exported_folder.iterdir()}
    answer = efgan("evaluate", exported_folder, "--limit", "4", "--json")
    assert answer.code == 0, answer.err
    assert json.loads(answer.out)["pairs"] == 4
    assert {path.name: path.read_bytes() for path in exported_folder.iterdir()} == before


def test_a_folder_whose_photographs_stayed_behind_asks_for_others(efgan, exported_folder, tmp_path):
    folder = shutil.copytree(exported_folder, tmp_path / "model")
    recipe = (folder / "recipe.yaml").read_text()
    lost = f"{{use: photo-folder, root: {tmp_path}/lost}}"
    (folder / "recipe.yaml").write_text(recipe[: recipe.index("data:")] + f"data:\n  train: {lost}\n  test: {lost}\n")
    write_manifest(folder, name="tiny", step=2, exported_by="0")
    answer = efgan("evaluate", folder)
    assert answer.code == 2
    assert "can't be read here; give a photo folder with --data" in answer.err


def test_an_installed_model_stands_where_a_run_does(efgan, installed, tmp_path):
    named = efgan("edit", *FACE, "--run", "starter", "--out", tmp_path / "named.png")
    assert (named.code, named.err) == (0, "")
    alone = efgan("edit", *FACE, "--out", tmp_path / "alone.png")
    assert alone.code == 0
    assert alone.err == "with the installed model 'starter' of shop\n"
    assert (tmp_path / "named.png").read_bytes() == (tmp_path / "alone.png").read_bytes()
    assert efgan("export", "starter", "--to", "torch", "--out", tmp_path / "x.pt2").code == 0


def test_without_a_run_and_a_model_the_ways_to_one_are_told(efgan, fresh_registry, monkeypatch, tmp_path):
    monkeypatch.setenv("EFGAN_DISABLE_PLUGINS", "all")
    answer = efgan("edit", *FACE, "--out", tmp_path / "x.png")
    assert answer.code == 2
    assert "no run is given, and no model is installed; train one" in answer.err


def test_plugin_list_and_show_name_the_models(efgan, installed):
    listed = efgan("plugin", "list")
    assert any(line.split()[:2] == ["starter", "shop"] for line in listed.out.splitlines())
    plugins = {plugin["name"]: plugin for plugin in json.loads(efgan("plugin", "list", "--json").out)["plugins"]}
    assert plugins["shop"]["models"] == {"starter": str(installed)}
    assert "starter" in efgan("plugin", "show", "shop").out
