"""Starting from another run: what is taken over, and what is refused before anything is written."""

import json

import pytest
import torch

from efgan_kit.errors import EfganError
from efgan_kit.recipe import load_recipe, lock
from efgan_kit.training import load_trained, train
from efgan_kit.training.loop import prepare
from efgan_kit.training.run_folder import RunFolder
from efgan_kit.training.starting import start_of

CPU = torch.device("cpu")
CASCADE = """
recipe: 1
name: tiny-cascade
extends: {tiny}
graph:
  use: cascade-ef-gan
  start_from: {run}
  generator: {{use: attention-resnet, width: 4, blocks: 1, upsampling: bilinear}}
  refiner: {{use: paste-and-refine, width: 4, blocks: 1, upsampling: bilinear}}
  discriminators:
    initial: {{use: patch-critic, width: 4, layers: 1, per_region: {{face: {{layers: 2}}}}}}
    final: {{use: patch-critic, width: 4, layers: 2, predicts_aus: true}}
  interpolator: {{use: residual-mlp}}
  au_discriminator: {{use: au-critic}}
train: {{steps: 2}}
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A finished run of the tiny EF-GAN."""
    from tests.training.conftest import TINY

    run = tmp_path_factory.mktemp("trained") / "run"
    train(load_recipe(TINY, overrides=["train.steps=2"]), run=run, device="cpu", quiet=True)
    return run


@pytest.fixture
def cascade(tmp_path, trained):
    """The tiny cascade's recipe with overrides."""
    from tests.training.conftest import TINY

    path = tmp_path / "tiny-cascade.yaml"
    path.write_text(CASCADE.format(tiny=TINY, run=trained))
    return lambda *overrides: load_recipe(path, overrides=list(overrides))


def begun(recipe):
    return prepare(recipe, CPU, start_of(recipe))


def test_every_module_begins_with_the_weights_that_edit(trained, cascade):
    training, theirs = begun(cascade()), load_trained(trained, "cpu").graph.state_dict()
    for ef_gan in training.graph.chain:
        for name, tensor in ef_gan.state_dict().items():
            assert torch.equal(tensor, theirs[name]), name


def test_the_averaged_weights_begin_there_too(cascade):
    training = begun(cascade())
    averaged = training.averaged.ema.module.state_dict()
    assert all(torch.equal(averaged[name], tensor) for name, tensor in training.averaged.module.state_dict().items())


def test_a_cascade_trains_resumes_and_edits(cascade, tmp_path, trained):
    recipe = cascade("train.steps=4", "train.checkpoint_every=2")
    whole = train(recipe, run=tmp_path / "whole", device="cpu", quiet=True)
    assert whole["steps"] == 4
    lines = [json.loads(line) for line in (tmp_path / "whole" / "log.jsonl").read_text().splitlines()]
    for name in ("adversarial.generator", "conditional.discriminator", "interpolation.interpolator"):
        losses = lines[-1]["losses"]
        assert losses[name] == pytest.approx(sum(losses[f"{name}@{k}"] for k in (1, 2, 3)), rel=1e-5)
    lock = json.loads((tmp_path / "whole" / "lock.json").read_text())
    assert lock["start_from"]["run"] == str(trained)
    assert lock["start_from"]["step"] == 2
    graph = load_trained(tmp_path / "whole", "cpu").graph
    assert len(graph.chain) == 3
    assert not torch.equal(*(next(iter(ef_gan.generators.parameters())) for ef_gan in list(graph.chain)[:2]))


def test_a_cascade_is_resumed_without_the_run_it_started_from(cascade, tmp_path, trained, monkeypatch):
    from efgan_kit.training.step import Training

    recipe = cascade("train.steps=3", "train.checkpoint_every=1", "train.log_every=1")
    train(recipe, run=tmp_path / "whole", device="cpu", quiet=True)

    class KilledError(Exception):
        pass

    step = Training.take_step

    def until_the_second(self, *args):
        if self.step == 2:
            raise KilledError
        return step(self, *args)

    monkeypatch.setattr(Training, "take_step", until_the_second)
    with pytest.raises(KilledError):
        train(recipe, run=tmp_path / "cut", device="cpu", quiet=True)
    monkeypatch.setattr(Training, "take_step", step)
    trained.rename(elsewhere := trained.with_name("elsewhere"))
    try:
        train(recipe, run=tmp_path / "cut", resume=True, device="cpu", quiet=True)
    finally:
        elsewhere.rename(trained)
    one, two = (load_trained(tmp_path / name, "cpu").graph.state_dict() for name in ("whole", "cut"))
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_a_cascade_that_was_ended_before_its_first_checkpoint_begins_with_the_same_weights(cascade, tmp_path):
    recipe = cascade("train.steps=1")
    train(recipe, run=tmp_path / "whole", device="cpu", quiet=True)
    RunFolder(tmp_path / "cut").begin(recipe.to_yaml(), lock(recipe))
    train(recipe, run=tmp_path / "cut", resume=True, device="cpu", quiet=True)
    one, two = (load_trained(tmp_path / name, "cpu").graph.state_dict() for name in ("whole", "cut"))
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_one_module_is_one_ef_gan(trained, cascade, tmp_path):
    """Without the interpolation term, it takes the very steps of an EF-GAN that starts from the same run."""
    from tests.training.conftest import TINY

    without = "losses.interpolation=null"
    alone = load_recipe(TINY, overrides=["train.steps=2", without, f"graph.start_from={trained}"])
    train(alone, run=tmp_path / "alone", device="cpu", quiet=True)
    train(cascade("graph.modules=1", without), run=tmp_path / "one", device="cpu", quiet=True)
    one, other = ((tmp_path / name / "log.jsonl").read_text().splitlines() for name in ("alone", "one"))
    assert [json.loads(line)["losses"] for line in one] == [json.loads(line)["losses"] for line in other]


def test_what_a_term_learned_beforehand_is_taken_over(tmp_path, monkeypatch):
    from efgan_kit.components.losses.au_teacher import AUTeacher
    from tests.training.conftest import TINY

    fitted = []
    prepare_teacher = AUTeacher.prepare
    monkeypatch.setattr(AUTeacher, "prepare", lambda self, *args: fitted.append(1) or prepare_teacher(self, *args))
    teacher = 'losses.teacher={"use": "au-teacher", "weight": 1, "steps": 1, "width": 4}'
    options = ["train.steps=1", teacher]
    train(load_recipe(TINY, overrides=options), run=tmp_path / "first", device="cpu", quiet=True)
    assert len(fitted) == 1
    more = [*options, f"graph.start_from={tmp_path / 'first'}"]
    train(
        load_recipe(TINY, overrides=[*more, "losses.teacher.weight=2"]), run=tmp_path / "same", device="cpu", quiet=True
    )
    assert len(fitted) == 1, "the same term, differently weighted"
    changed = [*more, "data.train.people=4"]
    train(load_recipe(TINY, overrides=changed), run=tmp_path / "others", device="cpu", quiet=True)
    assert len(fitted) == 2, "other faces"


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["faces.size=64"], ["faces.size", "32 there, 64 here"]),
        (["faces.aus=[AU06, AU12, AU26]"], ["faces.aus"]),
        (["faces.regions.mouth=[12, 20]"], ["faces.regions.mouth"]),
        (["graph.generator.width=8"], ["graph.generator.width", "4 there, 8 here"]),
        (
            ["graph.generator={use: warp-and-paint, width: 4}"],
            ["graph.generator", "attention-resnet", "warp-and-paint"],
        ),
        (["graph.refiner={use: residual-refiner}"], ["graph.refiner", "paste-and-refine", "residual-refiner"]),
        (["graph.discriminators.final.layers=1"], ["graph.discriminators.final.layers"]),
        (["graph.generator.blocks=2", "graph.refiner.blocks=2"], ["graph.generator.blocks", "graph.refiner.blocks"]),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else None,
)
def test_another_architecture_or_other_faces_are_refused(cascade, tmp_path, overrides, words):
    with pytest.raises(EfganError) as caught:
        train(cascade(*overrides), run=tmp_path / "run", device="cpu", quiet=True)
    message = str(caught.value)
    assert "graph.start_from" in message
    assert "tiny-cascade.yaml:6:" in message
    assert all(word in message for word in words), message
    assert not (tmp_path / "run").exists()


def test_other_branches_are_refused_by_the_names_of_their_regions(cascade, tmp_path):
    with pytest.raises(EfganError) as caught:
        train(cascade("graph.branches=[face, eyes]"), run=tmp_path / "run", device="cpu", quiet=True)
    assert "graph.generator: face, eyes, nose, mouth there, face, eyes here" in str(caught.value)
    assert "state_dict" not in str(caught.value)


def test_a_missing_run_is_refused(cascade, tmp_path):
    with pytest.raises(EfganError, match=r"graph\.start_from: .*nowhere"):
        train(cascade(f"graph.start_from={tmp_path / 'nowhere'}"), run=tmp_path / "run", device="cpu", quiet=True)
    assert not (tmp_path / "run").exists()


def test_a_damaged_run_is_refused(cascade, tmp_path, trained):
    import shutil

    shutil.copytree(trained, damaged := tmp_path / "damaged")
    for file in damaged.glob("checkpoints/*/graph.safetensors"):
        file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(EfganError, match=r"graph\.start_from: .*damaged"):
        train(cascade(f"graph.start_from={damaged}"), run=tmp_path / "run", device="cpu", quiet=True)
    assert not (tmp_path / "run").exists()


def test_a_cascade_is_no_start_for_a_cascade(cascade, tmp_path):
    train(cascade("train.steps=1"), run=tmp_path / "first", device="cpu", quiet=True)
    with pytest.raises(EfganError, match="start from a single EF-GAN"):
        train(cascade(f"graph.start_from={tmp_path / 'first'}"), run=tmp_path / "run", device="cpu", quiet=True)


def test_linear_targets_start_from_a_run_with_an_interpolator(cascade):
    recipe = cascade("graph.interpolator={use: linear}", "graph.au_discriminator=null", "losses.interpolation=null")
    training = begun(recipe)
    assert [phase.player for phase in training.phases] == ["generator", "discriminator"]
