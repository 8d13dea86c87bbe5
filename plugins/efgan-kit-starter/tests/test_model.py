"""The shipped model: whole, small, of the shipped recipe, and without a trace of the machine that trained it."""

import importlib.util
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

from efgan_kit.editing import Editor
from efgan_kit.recipe import load_recipe
from efgan_kit.recipe.diff import diff
from efgan_kit.recipe.load import FOR_TRAINING
from efgan_kit.registry.models import located, only_model
from efgan_kit.training.exported import CARD, MANIFEST, WEIGHTS, read_manifest, verify

PLUGIN = Path(__file__).parents[1]


def texts(value):
    """Every string of plain data."""
    if isinstance(value, dict):
        return [text for item in value.values() for text in texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in texts(item)]
    return [value] if isinstance(value, str) else []


def test_it_is_found_by_name_and_taken_where_none_is_named(starter):
    assert located("starter") == starter
    assert only_model().path == starter


def test_every_file_is_the_one_that_was_exported(starter):
    manifest = read_manifest(starter)
    verify(starter, manifest)
    assert {path.name for path in starter.iterdir()} == {*manifest.files, MANIFEST, CARD}


def test_it_is_a_few_megabytes(starter):
    assert sum(path.stat().st_size for path in starter.iterdir()) < 8e6


def test_it_edits_where_neither_its_data_nor_their_plugin_are(starter, monkeypatch, fresh_registry):
    monkeypatch.setenv("EFGAN_DISABLE_PLUGINS", "ict,efgan-kit-ict")
    editor = Editor.load("starter", "cpu")
    assert editor.trained.recipe.data == {}
    assert (editor.faces.size, len(editor.aus)) == (128, 17)


def test_it_says_how_the_faces_of_its_training_were_found(starter):
    said = json.loads((starter / "preparation.json").read_text())
    assert (said["landmarker"]["use"], said["labeller"]["use"]) == ("mediapipe", "mediapipe")


def test_no_path_of_the_training_machine_is_in_it(starter):
    recipe = yaml.safe_load((starter / "recipe.yaml").read_text())
    documents = [json.loads(path.read_text()) for path in starter.glob("*.json")]
    assert [text for text in texts([recipe, *documents]) if Path(text).is_absolute()] == []


def test_it_was_trained_by_the_recipe_that_ships(starter, install):
    install("efgan-kit-ict")
    shipped = load_recipe(read_manifest(starter).name, allow_missing=True)
    trained = load_recipe(starter / "recipe.yaml", allow_missing=True, dispensable=FOR_TRAINING)
    only_there = ("requires", "graph.start_from")
    changes = [change for change in diff(trained, shipped) if change.path not in only_there]
    assert [f"{change.path}: {change.before} -> {change.after}" for change in changes] == []


def test_its_card_names_those_whose_faces_it_learned_from(starter):
    for page in (PLUGIN / "README.md", starter / CARD):
        text = page.read_text(encoding="utf-8")
        assert all(word in text for word in ("10.6084/m9.figshare.5047666", "CC BY 4.0", "ICT-FaceKit", "USC"))


@pytest.mark.skipif(importlib.util.find_spec("hatchling") is None, reason="hatchling builds wheels, and is not there")
def test_a_wheel_holds_the_model_and_the_recipe_and_nothing_to_measure_with(tmp_path):
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    built = subprocess.run(command, cwd=PLUGIN, capture_output=True, text=True, timeout=120, check=False)
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert f"efgan_kit_starter/models/starter/{WEIGHTS}" in names
    assert "efgan_kit_starter/recipes/starter.yaml" in names
    assert not [name for name in names if name.startswith(("measuring", "tests"))]
