"""Where weights come from, and that they are those of the network."""

import json
import warnings
from pathlib import Path

import pytest
import torch

from efgan_kit.api import EfganError, FaceSpec, au_set

FACES = FaceSpec(64, au_set("openface-17"))


def backbone(model, weights, **more):
    from efgan_kit_timm.backbone import Backbone

    return Backbone(model, str(weights), 64, 64, **more)


def test_a_files_weights_give_timms_own_features(saved):
    network, path = saved("test_resnet")
    pictures = torch.rand(2, 3, 64, 64)
    ours = backbone("test_resnet", path)
    with torch.no_grad():
        theirs = network.forward_intermediates(ours.see(pictures), indices=[1, 2, 3, 4], intermediates_only=True)
    for here, there in zip(ours(pictures), theirs, strict=True):
        assert torch.equal(here, there)
    assert ours.caveat == ""


def test_a_training_checkpoint_is_read_without_running_code_in_it(saved, tmp_path):
    network, path = saved("test_resnet")
    kept = tmp_path / "checkpoint.pth.tar"
    torch.save({"epoch": 3, "state_dict": {f"module.{name}": t for name, t in network.state_dict().items()}}, kept)
    from_checkpoint, from_file = backbone("test_resnet", kept).state_dict(), backbone("test_resnet", path).state_dict()
    assert all(torch.equal(tensor, from_file[name]) for name, tensor in from_checkpoint.items())

    class Deadly:
        def __reduce__(self):
            return Path.touch, (tmp_path / "done",)

    torch.save({"state_dict": Deadly()}, tmp_path / "deadly.pth")
    with pytest.raises(EfganError, match=r"deadly\.pth: these weights can't be read: weights_only"):
        backbone("test_resnet", tmp_path / "deadly.pth")
    assert not (tmp_path / "done").exists()


def test_a_transformers_positions_are_resampled_to_another_size(saved):
    network, path = saved("test_vit")
    ours = backbone("test_vit", path, size=64).network
    assert network.pos_embed.shape[1] == 1 + 10 * 10
    assert ours.pos_embed.shape[1] == 1 + 4 * 4
    assert torch.equal(ours.blocks[0].attn.qkv.weight, network.blocks[0].attn.qkv.weight)


def test_the_last_layer_is_the_files_where_it_is_asked_for(saved):
    from efgan_kit_timm.extractor import TimmFeatures

    network, path = saved("test_resnet", num_classes=7)
    pictures = torch.rand(2, 3, 64, 64)
    extractor = TimmFeatures(FACES, model="test_resnet", weights=str(path), head=True)
    with torch.no_grad():
        assert torch.equal(extractor(pictures), network(extractor.network.see(pictures)))
    assert TimmFeatures(FACES, model="test_resnet", weights=str(path))(pictures).shape == (2, network.num_features)


def test_a_folder_from_the_hub_is_a_network_with_its_weights(saved, tmp_path):
    from efgan_kit_timm.extractor import TimmFeatures

    network, path = saved("test_resnet", num_classes=5)
    folder = tmp_path / "embedding"
    folder.mkdir()
    path.rename(folder / "model.safetensors")
    config = {"input_size": [3, 64, 64], "mean": [0.5] * 3, "std": [0.5] * 3, "num_classes": 5, "classifier": "fc"}
    config["first_conv"] = "conv1"
    (folder / "config.json").write_text(json.dumps({"architecture": "test_resnet", "pretrained_cfg": config}))
    extractor = TimmFeatures(FACES, model=f"local-dir:{folder}", weights="pretrained", head=True)
    pictures = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        assert torch.allclose(extractor(pictures), network(pictures), atol=1e-5), "its mean and deviation are 0.5"
    (folder / "model.safetensors").unlink()
    with pytest.raises(EfganError, match=r"embedding: holds neither model\.safetensors nor"):
        TimmFeatures(FACES, model=f"local-dir:{folder}", weights="pretrained")


def test_timms_own_weights_are_taken_from_the_cache_and_never_downloaded(saved, tmp_path, monkeypatch):
    network, path = saved("test_resnet")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.file_download.HF_HUB_CACHE", str(tmp_path / "hub"), raising=False)
    with pytest.raises(
        EfganError, match=r"not in this machine's cache.*: hf download timm/test_resnet\.r160_in1k model"
    ):
        backbone("test_resnet", "pretrained")
    repository = tmp_path / "hub" / "models--timm--test_resnet.r160_in1k"
    kept = repository / "snapshots" / ("a" * 40) / "model.safetensors"
    for folder in (kept.parent, repository / "refs"):
        folder.mkdir(parents=True)
    (repository / "refs" / "main").write_text("a" * 40)
    path.rename(kept)
    state = backbone("test_resnet", "pretrained").network.state_dict()
    assert torch.equal(state["layer1.0.conv1.weight"], network.state_dict()["layer1.0.conv1.weight"])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gone.pth", r"gone\.pth: there is no such file of weights; `weights` is random, pretrained, or a file"),
        ("photo.jpg", r"photo\.jpg: is no file of weights by its name; it should end in one of \.safetensors, \.pth"),
        ("broken.safetensors", r"broken\.safetensors: these weights can't be read"),
        ("list.pth", r"list\.pth: is no state dict|list\.pth: these weights can't be read"),
        ("epoch.pth", r"epoch\.pth: is no state dict: names with tensors"),
        (
            "other.pth",
            r"other\.pth: these are not the weights of test_resnet: Missing key.*; is it the file of another",
        ),
    ],
)
def test_a_file_that_is_not_the_networks_is_refused_in_words(name, words, tmp_path):
    (tmp_path / "photo.jpg").write_bytes(b"picture")
    (tmp_path / "broken.safetensors").write_bytes(b"nothing")
    torch.save([1, 2], tmp_path / "list.pth")
    torch.save({"epoch": 3}, tmp_path / "epoch.pth")
    torch.save({"conv9.weight": torch.zeros(1)}, tmp_path / "other.pth")
    with pytest.raises(EfganError, match=words):
        backbone("test_resnet", tmp_path / name)


def test_where_recipes_are_checked_a_file_need_only_be_there(tmp_path):
    (tmp_path / "large.safetensors").write_bytes(b"not read")
    with torch.device("meta"):
        assert backbone("test_resnet", tmp_path / "large.safetensors").network.conv1[0].weight.is_meta
        with pytest.raises(EfganError, match="there is no such file of weights"):
            backbone("test_resnet", tmp_path / "gone.safetensors")


def test_random_weights_are_told_of_once_and_said_by_the_extractor(monkeypatch):
    from efgan_kit_timm import weights
    from efgan_kit_timm.extractor import TimmFeatures

    monkeypatch.setattr(weights, "_told", set())
    with pytest.warns(UserWarning, match="the weights of test_resnet are random: its features say what random filters"):
        extractor = TimmFeatures(FACES, model="test_resnet", weights="random")
    assert "random" in extractor.caveat
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        TimmFeatures(FACES, model="test_resnet", weights="random", layers=[1])
