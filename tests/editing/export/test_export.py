"""What is exported gives the run's own pictures, says what it is, and is whole or not there."""

import json
import resource
import shutil

import pytest
import torch
import yaml
from safetensors.torch import load_file

from efgan_kit import export as top_level
from efgan_kit.editing import Editor
from efgan_kit.editing.export import export, exporting, onnx_file, program_file
from efgan_kit.editing.export.parity import faces_to_try
from efgan_kit.errors import EfganError
from efgan_kit.recipe import build_dataset, load_recipe
from efgan_kit.training import load_trained
from efgan_kit.training.exported import MANIFEST, write_manifest

pytestmark = pytest.mark.usefixtures("quick_export")


@pytest.fixture(scope="session")
def edits(full_run):
    """Five test faces, what they are edited to, and the run's own pictures of that."""
    editor = Editor.load(full_run, "cpu")
    data = build_dataset(editor.trained.recipe, "test")
    samples = [data[index] for index in range(5)]
    targets = torch.stack([data[index + 3].aus for index in range(5)])
    return samples, targets, editor.edit_samples(samples, targets)


@pytest.fixture(scope="session")
def given(edits):
    """The same as an exported network takes them."""
    samples, targets, _ = edits
    return (
        torch.stack([sample.image for sample in samples]).float() / 127.5 - 1,
        torch.stack([sample.landmarks for sample in samples]),
        torch.stack([sample.aus for sample in samples]),
        targets,
    )


@pytest.mark.parametrize(("to", "name"), [("onnx", "model.onnx"), ("torch", "model.pt2")])
def test_a_file_gives_the_runs_pictures_for_any_number_of_faces(full_run, tmp_path, to, name, edits, given):
    if to == "onnx":
        pytest.importorskip("onnxruntime")
    exported = export(full_run, to=to, out=tmp_path / name)
    run = (onnx_file.open_onnx if to == "onnx" else program_file.open_program)(tmp_path / name)
    for faces in (1, 2, 5):
        image, attention = run(tuple(part[:faces] for part in given))
        assert (image - edits[2].image[:faces]).abs().max() < 1e-4
        assert (attention - edits[2].attention[:faces]).abs().max() < 1e-4
    assert exported.parity.image < 1e-4
    assert exported.parity.batch_sizes == (1, 3, 8, 2)
    assert exported.parity.faces == "the run's test faces and noise"
    assert exported.opset == (20 if to == "onnx" else None)
    assert list(tmp_path.iterdir()) == [tmp_path / name]


def test_an_edit_that_does_nothing_would_not_pass_for_parity(edits, given):
    assert (edits[2].image - given[0]).abs().max() > 0.01


def test_the_folder_edits_as_the_run_does(exported_folder, edits):
    samples, targets, expected = edits
    editor = Editor.load(exported_folder, "cpu")
    found = editor.edit_samples(samples, targets)
    assert (found.image - expected.image).abs().max() < 1e-5
    assert (found.attention - expected.attention).abs().max() < 1e-5


def test_the_folder_walks_in_steps_with_the_runs_interpolator(exported_folder, full_run, edits):
    samples, targets, _ = edits
    editors = [Editor.load(run, "cpu") for run in (exported_folder, full_run)]
    ours, theirs = (editor.edit_samples(samples, targets, steps=3) for editor in editors)
    assert (torch.stack(ours.steps) - torch.stack(theirs.steps)).abs().max() < 1e-5
    assert torch.equal(torch.stack(ours.targets), torch.stack(theirs.targets))


def test_only_what_edits_is_in_the_weights(exported_folder, full_run):
    weights = load_file(exported_folder / "model.safetensors")
    assert {name.split(".")[0] for name in weights} == {"generators", "refiner", "interpolator"}
    assert not any("parametrizations" in name for name in weights)
    (checkpoint,) = (full_run / "checkpoints").iterdir()
    whole = load_file(checkpoint / "graph.safetensors")
    assert {name.split(".")[0] for name in whole} > {"initial_critics", "final_critic", "au_critic"}


def test_the_weights_are_the_averaged_ones(full_run, tmp_path, rewritten):
    run = shutil.copytree(full_run, tmp_path / "run")
    (averaged,) = (run / "checkpoints").glob("*/averaged.safetensors")
    tensors = load_file(averaged)
    tensors["0.face.colour.bias"] += 1
    rewritten(averaged, tensors)
    found = exporting._without_critics(load_trained(run, "cpu")).state_dict()["generators.face.colour.bias"]
    assert torch.equal(found, tensors["0.face.colour.bias"])


def test_the_onnx_file_says_what_it_takes_and_returns(exported_folder):
    model = pytest.importorskip("onnx").load(exported_folder / "model.onnx")
    said = {entry.key: entry.value for entry in model.metadata_props}
    assert json.loads(said["aus"]) == ["AU06", "AU12", "AU25", "AU26"]
    assert (said["recipe"], said["step"], said["size"], said["opset"]) == ("tiny", "2", "32", "20")
    assert [entry.version for entry in model.opset_import if entry.domain == ""] == [20]
    assert set(json.loads(said["inputs"])) == {"source", "landmarks", "source_aus", "target_aus"}
    assert json.loads(said["preprocessing"])["picture"]["from_bytes"] == "value / 127.5 - 1"
    assert "drawn by code" in said["licence"]
    shapes = {
        value.name: [d.dim_param or d.dim_value for d in value.type.tensor_type.shape.dim]
        for value in (*model.graph.input, *model.graph.output)
    }
    assert shapes == {
        "source": ["batch", 3, 32, 32],
        "landmarks": ["batch", 68, 2],
        "source_aus": ["batch", 4],
        "target_aus": ["batch", 4],
        "image": ["batch", 3, 32, 32],
        "attention": ["batch", 1, 32, 32],
    }


def test_the_torch_file_says_what_it_is(full_run, tmp_path):
    path = export(full_run, to="torch", out=tmp_path / "model.pt2").path
    extra = {program_file.FACTS: ""}
    torch.export.load(path, extra_files=extra)
    assert json.loads(json.loads(extra[program_file.FACTS])["aus"]) == ["AU06", "AU12", "AU25", "AU26"]


def test_the_folder_has_a_card_and_the_runs_own_files(exported_folder, full_run):
    names = {path.name for path in exported_folder.iterdir()}
    network = "model.pt2" if onnx_file.missing() else "model.onnx"
    own = {"recipe.yaml", "lock.json", "summary.json"}
    assert names == {"model.safetensors", "preprocessing.json", "README.md", MANIFEST, network, *own}
    for name in own - {"recipe.yaml"}:
        assert (exported_folder / name).read_bytes() == (full_run / name).read_bytes()
    recipe = (full_run / "recipe.yaml").read_text(encoding="utf-8")
    assert (exported_folder / "recipe.yaml").read_text(encoding="utf-8") == recipe.replace("  start_from: null\n", "")
    card = (exported_folder / "README.md").read_text()
    for part in ("Training data", "Figures", "Limits", "Intended use", "Licence", "Citation"):
        assert f"## {part}\n" in card
    assert "This run was not measured" in card
    assert "2 steps of 4 faces" in card


def test_the_card_shows_figures_beside_an_untouched_copys(full_run, tmp_path):
    run = shutil.copytree(full_run, tmp_path / "run")
    figures = {"face.psnr.edit": 30.126, "face.psnr.no_op": 28.5, "face.l1.edit": None}
    evaluation = {
        "pairs": 12, "people": 4, "data": "drawn-faces, test faces", "warnings": ["look twice"],
        "figures": {"au-error": {"edit": 0.1, "no_op": 0.2, "floor": 0.05}, "picture-error": figures},
        "intervals": {"au-error": {"edit": [0.08, 0.12]}, "picture-error": {"face.psnr.edit": [None, None]}},
    }  # fmt: skip
    (run / "evaluation.json").write_text(json.dumps(evaluation))
    (run / "preparation.json").write_text("{}")
    made = export(run, to="folder", out=tmp_path / "model", attribution=["Faces by A. Painter, CC BY 4.0."]).path
    card = (made / "README.md").read_text()
    assert "| AU error | 0.100 [0.080, 0.120] | 0.200 | 0.050 |\n| PSNR (dB) | 30.13 | 28.50 |  |\n" in card
    assert "12 edits of 4 people (drawn-faces, test faces)." in card
    assert "Caution: look twice." in card
    assert "Faces by A. Painter, CC BY 4.0." in card
    assert {"preparation.json", "evaluation.json"} <= set(json.loads((made / MANIFEST).read_text())["files"])


def refused(run, out, to="torch"):
    before = sorted(out.parent.iterdir()) if out.parent.is_dir() else []
    with pytest.raises(EfganError) as error:
        export(run, to=to, out=out)
    if out.parent.is_dir():
        assert sorted(out.parent.iterdir()) == before
    return str(error.value)


@pytest.mark.parametrize(
    ("to", "name", "message"),
    [
        ("onnx", "model.pt2", "end it in .onnx"),
        ("onnx", "model", "end it in .onnx"),
        ("torch", "model.onnx", "end it in .pt2"),
        ("safetensors", "model.safetensors", "leave the suffix out"),
        ("folder", "model.onnx", "leave the suffix out"),
        ("torch", "nowhere/model.pt2", "there is no folder"),
        ("torch", "there.pt2", "is there already"),
        ("safetensors", "there", "is there already"),
    ],
)
def test_a_place_that_does_not_serve_is_refused(full_run, tmp_path, to, name, message):
    (tmp_path / "there.pt2").write_bytes(b"")
    (tmp_path / "there").mkdir()
    assert message in refused(full_run, tmp_path / name, to)


def test_an_unfinished_run_is_refused(full_run, tmp_path):
    run = shutil.copytree(full_run, tmp_path / "run")
    (run / "summary.json").unlink()
    assert "the training is not finished" in refused(run, tmp_path / "model.pt2")
    shutil.rmtree(run / "checkpoints")
    assert "the run has no checkpoint yet" in refused(run, tmp_path / "model.pt2")
    assert "no such folder" in refused(tmp_path / "no", tmp_path / "model.pt2")


def test_a_missing_extra_is_named_with_the_line_that_installs_it(full_run, tmp_path, monkeypatch):
    monkeypatch.setattr(onnx_file, "NEEDED", ("onnx_nobody_has",))
    message = refused(full_run, tmp_path / "model.onnx", "onnx")
    assert "needs onnx_nobody_has" in message
    assert "pip install 'efgan-kit[onnx]'" in message


def test_without_the_extra_the_folder_has_a_torch_network_and_says_so(full_run, tmp_path, monkeypatch):
    monkeypatch.setattr(onnx_file, "NEEDED", ("onnx_nobody_has",))
    exported = export(full_run, to="safetensors", out=tmp_path / "model")
    assert "model.pt2" in exported.files
    assert "model.onnx" not in exported.files
    assert "pip install" in exported.remarks[0]


def test_an_exported_folder_makes_files_but_no_folder(exported_folder, tmp_path, edits, given):
    assert "is an exported folder already" in refused(exported_folder, tmp_path / "model", "safetensors")
    again = export(exported_folder, to="torch", out=tmp_path / "again.pt2")
    image, _ = program_file.open_program(again.path)(given)
    assert (image - edits[2].image).abs().max() < 1e-4


@pytest.mark.parametrize(("to", "name"), [("torch", "model.pt2"), ("safetensors", "model")])
def test_a_disk_that_is_full_leaves_nothing(full_run, tmp_path, to, name):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        message = refused(full_run, tmp_path / name, to)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "can't be written" in message


def test_an_interruption_leaves_nothing(full_run, tmp_path, monkeypatch):
    def interrupted(path, program, facts):
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(program_file, "write_program", interrupted)
    with pytest.raises(KeyboardInterrupt):
        export(full_run, to="torch", out=tmp_path / "model.pt2")
    assert list(tmp_path.iterdir()) == []


def test_a_network_that_differs_is_not_kept(full_run, tmp_path, monkeypatch):
    opened = program_file.open_program

    def slightly_other(path):
        run = opened(path)
        return lambda inputs: [part + 2e-4 for part in run(inputs)]

    monkeypatch.setattr(program_file, "open_program", slightly_other)
    assert "differs from the run by 0.0002 in image" in refused(full_run, tmp_path / "model.pt2")


def test_where_the_runs_faces_are_gone_others_serve(full_run, tmp_path):
    lost = f"{{use: photo-folder, root: {tmp_path}/lost}}"
    recipe = load_recipe(full_run / "recipe.yaml", overrides=[f"data.train={lost}", f"data.test={lost}"])
    faces = faces_to_try(recipe)
    assert faces.described.startswith("drawn faces and noise, since the run's own can't be read")
    assert [len(batch[0]) for batch in faces.batches] == [1, 3, 8, 2]


def test_it_is_called_from_the_package():
    assert top_level is export


def test_the_folder_may_hold_the_weights_alone(full_run, tmp_path, edits):
    samples, targets, expected = edits
    exported = export(full_run, to="safetensors", out=tmp_path / "model", with_network=False)
    assert not {"model.onnx", "model.pt2"} & set(exported.files)
    assert exported.parity.image < 1e-5
    found = Editor.load(tmp_path / "model", "cpu").edit_samples(samples, targets)
    assert (found.image - expected.image).abs().max() < 1e-5
    assert "efgan export THIS_FOLDER --to onnx" in (tmp_path / "model" / "README.md").read_text()


@pytest.fixture
def elsewhere(full_run, tmp_path):
    """A copy of the run whose recipe names photographs and an earlier run at places of this machine."""
    run = shutil.copytree(full_run, tmp_path / "run")
    recipe = yaml.safe_load((run / "recipe.yaml").read_text())
    photographs = {"use": "photo-folder", "root": "/nobody/photographs", "framing": "face"}
    recipe["data"]["train"] = {"use": "mixed", "parts": {"real": photographs, "drawn": recipe["data"]["train"]}}
    recipe["graph"]["start_from"] = "/nobody/earlier"
    (run / "recipe.yaml").write_text(yaml.safe_dump(recipe))
    lock = json.loads((run / "lock.json").read_text())
    (run / "lock.json").write_text(json.dumps({**lock, "start_from": {"run": "/nobody/earlier", "step": 7}}))
    return run


def test_where_the_data_were_kept_is_not_told(elsewhere, tmp_path):
    export(elsewhere, to="safetensors", out=tmp_path / "model", with_network=False)
    told = yaml.safe_load((tmp_path / "model" / "recipe.yaml").read_text())["data"]["train"]["parts"]
    assert (told["real"]["root"], told["real"]["framing"]) == ("???", "face")
    assert json.loads((tmp_path / "model" / "lock.json").read_text())["start_from"] == {"run": "earlier", "step": 7}
    assert told["drawn"]["use"] == "drawn-faces"
    assert not [path for path in (tmp_path / "model").iterdir() if b"/nobody" in path.read_bytes()]
    assert Editor.load(tmp_path / "model", "cpu").trained.recipe.missing == ("data.train.parts.real.root",)


def test_a_folder_edits_without_the_plugins_that_only_its_training_needed(exported_folder, tmp_path, edits):
    samples, targets, expected = edits
    folder = shutil.copytree(exported_folder, tmp_path / "model")
    recipe = yaml.safe_load((folder / "recipe.yaml").read_text())
    recipe["requires"] = ["nobodys-plugin>=1"]
    recipe["data"]["train"] = {"use": "nobodys-faces", "root": "there"}
    recipe["losses"]["mine"] = {"use": "nobodys-loss", "weight": 2}
    recipe["metrics"] = ["nobodys-figure", "self-edit"]
    (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe))
    said = json.loads((folder / MANIFEST).read_text())
    write_manifest(folder, **{key: said[key] for key in ("name", "step", "exported_by")})
    editor = Editor.load(folder, "cpu")
    assert (editor.edit_samples(samples, targets).image - expected.image).abs().max() < 1e-5
    assert set(editor.trained.recipe.data) == {"test"}
    assert [use.use for use in editor.trained.recipe.metrics] == ["self-edit"]
    assert "mine" not in editor.trained.recipe.losses
    with pytest.raises(EfganError, match="nobodys-faces"):
        load_recipe(folder / "recipe.yaml")


def test_a_damaged_file_of_the_run_is_told_and_nothing_is_left(full_run, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(full_run, run)
    (run / "lock.json").write_text('{"distributions": ')
    with pytest.raises(EfganError, match=r"lock\.json: is damaged: .*restore it from a copy, or remove it"):
        export(run, to="safetensors", out=tmp_path / "model")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
