"""Extractors come to their metrics fitted, once for the same faces and settings."""

import attrs
import pytest
import torch
from torch import nn

from efgan_kit.api import FaceSpec, Maker, au_set
from efgan_kit.components.datasets.drawn_faces import DrawnFaces
from efgan_kit.components.extractors.person_net import PersonNet
from efgan_kit.components.metrics.identity import Identity
from efgan_kit.components.metrics.kernel_distance import KernelDistance
from efgan_kit.evaluation import evaluate, print_evaluation
from efgan_kit.evaluation.extractors import CannotFitError, Extractors
from efgan_kit.evaluation.hashes import weights_hash
from efgan_kit.recipe import load_recipe
from efgan_kit.training import load_trained

SPEC = FaceSpec(32, au_set(["AU12", "AU26"]))
QUICK = {"width": 2, "steps": 2}


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("EFGAN_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache" / "extractors"


def faces(**more):
    return DrawnFaces(SPEC, people=3, expressions=2, **more)


def made(training, **params):
    extractors = Extractors(training, "they are gone", SPEC, "cpu")
    metric = extractors.metric("identity", Maker(Identity, {"extractor": Maker(PersonNet, {**QUICK, **params})}))
    return metric.extractor, extractors.reports["identity"]


def test_an_extractor_is_fitted_named_and_the_next_time_taken_from_the_cache():
    first, report = made(faces())
    again, kept = made(faces())
    assert (report.cached, kept.cached) == (False, True)
    assert report.name == "person-net"
    assert report.weights_hash == kept.weights_hash == weights_hash(first)
    pictures = torch.linspace(-1, 1, 2 * 3 * 32 * 32).reshape(2, 3, 32, 32)
    assert torch.equal(first(pictures), again(pictures))
    assert not again.training
    assert not any(parameter.requires_grad for parameter in again.parameters())


def test_other_faces_people_or_settings_are_another_extractor(cache):
    renamed = faces()
    renamed.people = [f"somebody{index}" for index in range(len(renamed))]
    made(faces())
    for training, params in ((faces(seed=1), {}), (renamed, {}), (faces(), {"steps": 3})):
        assert not made(training, **params)[1].cached
    assert len(list(cache.iterdir())) == 4
    assert made(faces(), margin=0.2)[1].cached  # a default that is written out changes nothing


def test_it_does_not_depend_on_the_global_random_state(cache):
    hashes = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        hashes.append(made(faces())[1].weights_hash)
        for file in cache.iterdir():
            file.unlink()
    assert hashes[0] == hashes[1]


def test_the_default_extractor_of_a_metric_is_fitted_too(monkeypatch):
    monkeypatch.setitem(PersonNet.__init__.__kwdefaults__, "steps", 2)
    extractors = Extractors(faces(), "", SPEC, "cpu")
    extractors.metric("identity", Maker(Identity))
    assert extractors.reports["identity"].name == "person-net"


def test_what_is_fitted_for_one_metric_is_not_kept_from_before_for_the_next():
    extractors = Extractors(faces(), "", SPEC, "cpu")
    for name in ("identity", "again"):
        extractors.metric(name, Maker(Identity, {"extractor": Maker(PersonNet, QUICK)}))
    assert [report.cached for report in extractors.reports.values()] == [False, False]
    assert made(faces())[1].cached


def test_metrics_with_the_same_extractor_share_it_and_it_looks_at_a_picture_once():
    looks = []

    class Counting(nn.Flatten):
        def forward(self, pictures):
            looks.append(len(pictures))
            return super().forward(pictures)

    extractors = Extractors(None, "", SPEC, "cpu")
    identity, kernel, other = (
        extractors.metric(name, Maker(metric, {"extractor": Maker(Counting, {"start_dim": start})}))
        for name, metric, start in (("identity", Identity, 1), ("kernel", KernelDistance, 1), ("other", Identity, 2))
    )
    assert identity.extractor is kernel.extractor is not other.extractor
    edited, source = torch.rand(2, 4, 3, 8, 8).unbind()
    for metric in (identity, kernel):
        assert torch.equal(metric.edited_features(edited), edited.flatten(1))
        assert torch.equal(metric.source_features(source), source.flatten(1))
    assert looks == [4, 4]
    edited[0] = 0  # a metric's own pictures may change in place
    assert torch.equal(identity.edited_features(edited), edited.flatten(1))
    identity.edited_features(edited).zero_()
    assert torch.equal(kernel.edited_features(edited), edited.flatten(1))


def test_an_extractor_with_nothing_to_learn_needs_no_faces():
    extractors = Extractors(None, "they are gone", SPEC, "cpu")
    extractors.metric("identity", Maker(Identity, {"extractor": Maker(nn.Flatten)}))
    assert extractors.reports["identity"].name == "Flatten"


def test_why_an_extractor_cannot_be_fitted_is_told():
    with pytest.raises(CannotFitError, match="they are gone"):
        made(None)
    with pytest.raises(CannotFitError, match="one person"):
        made(DrawnFaces(SPEC, people=1, expressions=2))


def test_a_recipe_chooses_extractors_and_may_use_a_metric_twice(tiny_run, quick_judge, capsys):
    metrics = (
        "metrics=[{use: frechet, extractor: {use: person-net, width: 2, steps: 2, features: 3}},"
        " {use: frechet, extractor: {use: au-features, width: 4, steps: 2}}]"
    )
    recipe = load_recipe(str(tiny_run / "recipe.yaml"), [metrics])
    found = evaluate(attrs.evolve(load_trained(tiny_run, "cpu"), recipe=recipe), write=False)
    assert {name: report.name for name, report in found.extractors.items()} == {
        "frechet": "person-net",
        "frechet-2": "au-features",
    }
    assert [found.figures[name]["features"] for name in found.figures] == [3.0, 32.0]
    assert found.figures["frechet"]["n"] == 12.0
    assert found.intervals == {}
    assert [warning.split()[0] for warning in found.warnings] == ["frechet-2"]  # 12 pictures, 32 features
    print_evaluation(found)
    assert f"by the features of au-features {found.extractors['frechet-2'].weights_hash}" in capsys.readouterr().out


def test_what_an_extractor_says_against_itself_stands_beside_its_figures():
    class Doubtful(nn.Flatten):
        caveat = "its weights are random"

    extractors = Extractors(None, "", SPEC, "cpu")
    for name, extractor in (("identity", Doubtful), ("frechet", nn.Flatten)):
        extractors.metric(name, Maker(Identity, {"extractor": Maker(extractor)}))
    (caveat,) = extractors.caveats.values()
    assert caveat.startswith("identity is measured by the features of ")
    assert caveat.endswith("Doubtful: its weights are random")
