"""What is read back from TensorBoard's event files."""

import io
import textwrap

import numpy as np
import pytest
import yaml
from PIL import Image

pytest.importorskip("tensorboard")
from efgan_kit_tracking import following
from efgan_kit_tracking.flattening import figures
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData


@pytest.fixture(autouse=True)
def _wanted(monkeypatch):
    monkeypatch.setenv("EFGAN_TRACKING", "tensorboard")


def read(run):
    following._close()
    events = EventAccumulator(str(run / "tensorboard"), size_guidance={"images": 0, "scalars": 0, "tensors": 0})
    return events.Reload()


def texts(events, tag):
    points = events.Tensors(f"{tag}/text_summary")
    return [(point.step, point.tensor_proto.string_val[0].decode()) for point in points]


def shown(events):
    """The scalars by step, as the log has them."""
    lines = {}
    for tag in events.Tags()["scalars"]:
        for point in events.Scalars(tag):
            assert tag not in lines.setdefault(point.step, {}), "a step is shown once"
            lines[point.step][tag] = point.value
    return lines


def as_logged(run, logged):
    return {record["step"]: pytest.approx(figures(record), rel=1e-6) for record in logged(run)}


def test_it_shows_what_the_log_holds(train, logged):
    run = train()
    events = read(run)
    assert shown(events) == as_logged(run, logged)
    assert texts(events, "status") == [(8, "finished")]
    assert texts(events, "checkpoint")[-1] == (8, str(run.resolve() / "checkpoints" / "0000008"))


def test_it_shows_the_sheets(train):
    run = train()
    drawn = read(run).Images("samples")
    assert [image.step for image in drawn] == [4, 8]
    encoded = io.BytesIO(drawn[1].encoded_image_string)
    with Image.open(run / "samples" / "0000008.png") as sheet, Image.open(encoded) as it:
        assert np.array_equal(np.asarray(sheet.convert("RGB")), np.asarray(it))


def test_it_shows_the_recipe_as_text_and_as_hyperparameters(train):
    run = train()
    events = read(run)
    ((_, text),) = texts(events, "recipe")
    assert yaml.safe_load(textwrap.dedent(text)) == yaml.safe_load((run / "recipe.yaml").read_text())
    content = events.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    values = HParamsPluginData.FromString(content).session_start_info.hparams
    assert values["losses.attention.weight"].number_value == 0.1
    assert values["graph.generator.use"].string_value == "attention-resnet"


def test_a_training_that_goes_on_shows_no_step_twice(train, logged):
    run = train(stop=6)
    assert max(shown(read(run))) == 5
    train(resume=True)
    events = read(run)
    assert shown(events) == as_logged(run, logged)
    assert [image.step for image in events.Images("samples")] == [4, 8]
    assert len(texts(events, "recipe")) == 1


def test_a_training_that_begins_anew_shows_nothing_of_before(train, logged):
    run = train(stop=3)
    train(resume=True)
    events = read(run)
    assert shown(events) == as_logged(run, logged)
    assert len(texts(events, "recipe")) == 1


def test_the_figures_of_the_evaluation_come_to_the_rest(train):
    run = train()
    following.measured(run, {"steps": 8, "seconds": 1.5, "psnr": 31.5})
    points = shown(read(run))[8]
    assert {name: points[name] for name in points if name.startswith("summary/")} == {
        "summary/steps": 8, "summary/seconds": 1.5, "summary/psnr": 31.5,
    }  # fmt: skip
    following.measured(run, {"steps": 8, "psnr": 31.5})
    assert len(read(run).Scalars("losses/content.generator")) == 8, "a later measurement takes nothing away"


def test_a_place_that_cannot_be_written_stops_no_training(train, monkeypatch, capfd, until):
    from efgan_kit_tracking import tensorboard

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tensorboard.SummaryWriter, "add_scalar", full)
    train(quiet=False)
    said = capfd.readouterr().err
    assert said.count("No space left on device") == 1
    assert "tensorboard: OSError" in said
