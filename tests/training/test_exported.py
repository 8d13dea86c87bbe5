"""An exported folder vouches for its files, and is told apart from a run."""

import json
import shutil

import pytest

from efgan_kit.errors import EfganError
from efgan_kit.training import load_trained
from efgan_kit.training.exported import MANIFEST, read_manifest
from efgan_kit.training.run_folder import RunFolder


@pytest.fixture
def folder(exported_folder, tmp_path):
    """A copy that may be spoilt."""
    return shutil.copytree(exported_folder, tmp_path / "model")


def fault(folder):
    with pytest.raises(EfganError) as error:
        load_trained(folder, "cpu")
    return str(error.value)


def test_it_says_what_it_is_and_needs_no_manifest_for_its_card(folder):
    manifest = read_manifest(folder)
    assert (manifest.name, manifest.step) == ("tiny", 2)
    assert set(manifest.files) == {path.name for path in folder.iterdir()} - {MANIFEST, "README.md"}
    (folder / "README.md").write_text("Mine.")
    (folder / "notes.txt").write_text("Mine, too.")
    assert load_trained(folder, "cpu").exported


def test_one_flipped_bit_of_any_file_is_refused_by_the_files_name(folder):
    for name in read_manifest(folder).files:
        whole = (folder / name).read_bytes()
        middle = len(whole) // 2
        (folder / name).write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
        message = fault(folder)
        assert message.startswith(f"{folder / name}: is damaged or was changed")
        assert "copy or export the folder again" in message
        (folder / name).write_bytes(whole)


def test_every_missing_or_short_file_is_named_at_once(folder):
    (folder / "lock.json").unlink()
    (folder / "model.safetensors").write_bytes(b"x")
    message = fault(folder)
    assert f"{folder / 'lock.json'}: is missing from the exported folder" in message
    assert f"{folder / 'model.safetensors'}: is damaged: it has 1 bytes, not" in message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda said: said.pop("files"), "is damaged"),
        (lambda said: said.update(files={}), "it does not name model.safetensors, recipe.yaml"),
        (lambda said: said.update(format=2), "is of format 2"),
        (lambda said: said["files"].update({"../x": {"bytes": 1, "sha256": ""}}), "names files outside the folder"),
    ],
)
def test_a_manifest_that_says_too_little_or_is_of_another_time_is_refused(folder, change, message):
    said = json.loads((folder / MANIFEST).read_text())
    change(said)
    (folder / MANIFEST).write_text(json.dumps(said))
    assert message in fault(folder)
    (folder / MANIFEST).write_text("{")
    assert "is damaged" in fault(folder)


def test_it_is_no_run_to_go_on_with(folder):
    with pytest.raises(EfganError, match=r"is an exported folder.*give the run that it was exported from"):
        RunFolder(folder).must_exist()
