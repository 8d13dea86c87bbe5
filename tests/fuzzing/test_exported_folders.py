"""A damaged exported folder is refused; never another model, never a file outside the folder."""

import shutil

import pytest
import torch
from hypothesis import given

from efgan_kit.training.exported import load_exported

from .damage import damaged, refused_or_right


@pytest.mark.parametrize("file", ["manifest.json", "recipe.yaml", "model.safetensors"])
def test_damaged_files(file, exported_folder, fuzzed, tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(exported_folder, folder)
    whole = (folder / file).read_bytes()
    sound = load_exported(folder)[1].state_dict()

    @fuzzed
    @given(damaged(whole))
    def holds(data):
        (folder / file).write_bytes(data)
        loaded = refused_or_right(lambda: load_exported(folder))
        if loaded is not None:
            assert all(torch.equal(tensor, sound[name]) for name, tensor in loaded[1].state_dict().items())

    holds()
