"""`efgan shards` from the command line, and trainings on what it made."""

import hashlib
import json
from pathlib import Path

import pytest

pytest.importorskip("webdataset")
from efgan_kit_shards import packing
from shard_forgery import labels, picture

from efgan_kit import load_recipe
from efgan_kit.api import EfganError
from efgan_kit.training.loop import train

TINY = Path(__file__).parents[3] / "tests" / "training" / "recipes" / "tiny.yaml"


@pytest.fixture
def shards(efgan, install):
    """`shards("pack", ...)`: what the command answers."""
    install("efgan-kit-shards")
    return lambda *words: efgan("shards", *words)


@pytest.fixture
def recipe(tmp_path, install):
    """`recipe(data)`: the tiny recipe on other training faces."""
    install("efgan-kit-shards")

    def recipe(data, **settings):
        path = tmp_path / "tiny-shards.yaml"
        lines = [f"extends: {TINY}", "recipe: 1", "name: tiny-shards", f"data: {{train: {json.dumps(data)}}}"]
        path.write_text("\n".join([*lines, f"train: {json.dumps(settings)}"]))
        return load_recipe(str(path))

    return recipe


def hashes(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def losses(run):
    return [json.loads(line)["losses"] for line in (run / "log.jsonl").read_text().splitlines()]


def test_packing_again_gives_the_same_bytes(shards, photos, tmp_path):
    answer = shards("pack", photos, "--out", tmp_path / "one", "--per-shard", 7, "--size", 64)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith(f"{tmp_path / 'one'}: 18 faces of 6 people in 3 shards, ")
    shards("pack", photos, "--out", tmp_path / "two", "--per-shard", 7, "--size", 64)
    assert hashes(tmp_path / "one") == hashes(tmp_path / "two")
    assert sorted(hashes(tmp_path / "one")) == [f"shard-00000{n}.tar" for n in range(3)]


@pytest.mark.parametrize("form", ["jpg", "webp"])
def test_smaller_pictures_can_be_asked_for(shards, photos, tmp_path, form):
    assert shards("pack", photos, "--out", tmp_path / "out", "--format", form).code == 0
    report = json.loads(shards("check", tmp_path / "out", "--json").out)
    assert (report["faces"], report["people"], report["pairs"], report["shards"]) == (18, 6, 12, 1)
    assert len(report["aus"]) == 17


def test_nothing_is_overwritten_and_nothing_half_done_is_left(shards, photos, tmp_path, monkeypatch):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").touch()
    answer = shards("pack", photos, "--out", tmp_path / "full")
    assert (answer.code, answer.err) == (
        2, f"error: {tmp_path / 'full'}: is not empty; give a new folder: nothing is overwritten\n",
    )  # fmt: skip

    def fails(pixels, form):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(packing, "_encoded", fails)
    answer = shards("pack", photos, "--out", tmp_path / "new")
    assert (answer.code, answer.err) == (
        2, f"error: {tmp_path / 'new'}: cannot be written: No space left on device\n",
    )  # fmt: skip
    assert not [path for path in tmp_path.iterdir() if "new" in path.name]


def test_a_preparation_goes_along(shards, photos, tmp_path):
    import shutil

    shutil.copytree(photos, tmp_path / "photos")
    (tmp_path / "photos" / "preparation.json").write_text("{}")
    assert shards("pack", tmp_path / "photos", "--out", tmp_path / "out").code == 0
    assert (tmp_path / "out" / "preparation.json").read_text() == "{}"


def test_check_names_every_face_that_can_not_be_read(shards, forge):
    root = forge(
        ("a.json", labels()), ("a.png", picture()), ("b.json", labels()), ("b.png", b"no"), ("c.json", labels()),
        ("c.png", picture()[:-30]),
    )  # fmt: skip
    answer = shards("check", root)
    assert (answer.code, answer.out) == (2, "")
    first, second = answer.err.splitlines()
    assert first == "error: a/b: is not a readable picture: the format is none of JPEG, PNG, WebP"
    assert "a/c: is not a readable picture" in second


def test_training_on_shards_is_training_on_their_photo_folder(shards, recipe, photos, tmp_path):
    assert shards("pack", photos, "--out", tmp_path / "packed", "--size", 32, "--framing", "whole").code == 0
    train(recipe({"use": "photo-folder", "root": str(photos), "framing": "whole"}), run=tmp_path / "a", quiet=True)
    train(recipe({"use": "shards", "root": str(tmp_path / "packed")}, workers=1), run=tmp_path / "b", quiet=True)
    assert losses(tmp_path / "a") == losses(tmp_path / "b")


def test_a_damaged_picture_ends_a_training_unless_some_may_be_skipped(shards, recipe, photos, tmp_path, caplog):
    shards("pack", photos, "--out", tmp_path / "packed", "--size", 32, "--per-shard", 9)
    shard = tmp_path / "packed" / "shard-000001.tar"
    content = bytearray(shard.read_bytes())
    place = content.index(b"IDAT")
    content[place + 8 : place + 40] = bytes(32)
    shard.write_bytes(content)
    data = {"use": "shards", "root": str(tmp_path / "packed")}
    with pytest.raises(EfganError, match=r"^shard-000001/000000009: is not a readable picture"):
        train(recipe(data, epochs=None, steps=9), run=tmp_path / "a", quiet=True)
    for workers in (0, 1):
        caplog.clear()
        settings = {"skip_corrupt": 1, "workers": workers, "steps": 9}
        train(recipe(data, **settings), run=tmp_path / f"b{workers}", quiet=True)
        said = [message for message in caplog.messages if "shard-000001/000000009" in message]
        assert len(said) == 1
    assert losses(tmp_path / "b0") == losses(tmp_path / "b1")


def test_the_recipe_asks_for_the_shards(install):
    install("efgan-kit-shards")
    with pytest.raises(EfganError, match=r"data\.train\.root"):
        load_recipe("shards-quickstart")
