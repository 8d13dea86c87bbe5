"""What becomes of measured figures: a planted helpful, harmful and dead term are told apart."""

import csv
import io
import json

import pytest

from efgan_kit.evaluation.ablation.tables import all_tables, overview
from efgan_kit.evaluation.ablation.writing import caveats, csv_rows, markdown, to_plain
from efgan_kit.pages.tables import to_csv

WHOLE = {0: 30.0, 1: 30.4, 2: 29.7}


def shifted(by):
    """The whole's figures moved by about as much in every seed."""
    return {seed: value + by + noise for (seed, value), noise in zip(WHOLE.items(), (0.02, -0.03, 0.01), strict=True)}


@pytest.fixture
def planted(ablation, results_of):
    """Without content the figure falls by 2, without attention it rises by 2, without interpolation nothing moves."""
    asked = ablation(drop=("content", "attention", "interpolation"))
    values = {"baseline": WHOLE, "no-content": shifted(-2), "no-attention": shifted(2), "no-interpolation": WHOLE}
    return results_of(asked, values)


def test_a_helpful_a_harmful_and_a_dead_term_are_told_apart(planted):
    verdicts = {arm: effect.verdict for arm, effect in planted.effects["psnr"].items()}
    assert verdicts == {"no-content": "helps", "no-attention": "harms", "no-interpolation": "indistinguishable"}


def test_what_a_dropped_term_buys_is_the_whole_less_the_arm(planted):
    effect = planted.effects["psnr"]["no-content"]
    assert effect.differences == pytest.approx({0: 1.98, 1: 2.03, 2: 1.99})


def test_what_an_added_term_does_is_the_arm_less_the_smallest(ablation, results_of):
    asked = ablation(add=True)
    values = {arm: {0: 1.0, 1: 2.0} for arm in asked.study.arms} | {"plus-content": {0: 4.0, 1: 5.0}}
    found = results_of(asked, values).effects["psnr"]["plus-content"]
    assert found.differences == {0: 3.0, 1: 3.0}


def test_a_seed_that_one_arm_lacks_is_left_out(ablation, results_of):
    asked = ablation(drop=("content",))
    found = results_of(asked, {"baseline": WHOLE, "no-content": {0: 29.0, 2: 28.0}})
    assert set(found.effects["psnr"]["no-content"].differences) == {0, 2}


def test_an_arm_that_is_not_measured_is_said_to_be_unknown(ablation, results_of):
    asked = ablation(drop=("content", "attention"))
    found = results_of(asked, {"baseline": WHOLE, "no-content": WHOLE})
    assert found.reasons == {("psnr", "no-attention"): "not known of both arms for any seed"}
    assert "no-attention/seed-0" in markdown(found)


def test_arms_of_other_test_faces_are_not_compared(ablation, results_of):
    asked = ablation(drop=("content",))
    found = results_of(asked, {"baseline": WHOLE, "no-content": WHOLE}, subjects=lambda arm: arm)
    assert not found.effects["psnr"]
    assert found.reasons == {("psnr", "no-content"): "their test faces differ"}


def test_terms_that_stand_in_for_each_other_have_a_negative_interaction(ablation, results_of):
    asked = ablation(drop=("content", "attention"), pairs=True)
    values = {
        "baseline": WHOLE,
        "no-content": WHOLE,
        "no-attention": WHOLE,
        "no-content-no-attention": shifted(-3),
    }
    effect = results_of(asked, values).interactions["psnr"]["no-content-no-attention"]
    assert effect.mean == pytest.approx(-3, abs=0.05)


def test_the_csv_reads_back_to_the_same_numbers(planted):
    rows = list(csv.DictReader(io.StringIO(to_csv(list(csv_rows(planted))))))
    effects = {row["arm"]: row for row in rows if row["row"] == "effect"}
    for arm, effect in planted.effects["psnr"].items():
        assert float(effects[arm]["value"]) == effect.mean
        assert (float(effects[arm]["low"]), float(effects[arm]["high"])) == effect.t_interval
        assert float(effects[arm]["p_holm"]) == effect.p_holm
        differences = {int(r["seed"]): float(r["value"]) for r in rows if r["row"] == "difference" and r["arm"] == arm}
        assert differences == dict(effect.differences)


def test_the_json_is_plain_and_has_every_verdict(planted):
    document = json.loads(json.dumps(to_plain(planted), allow_nan=False))
    assert document["effects"]["psnr"]["no-content"]["verdict"] == "helps"
    assert document["arms"]["baseline"]["psnr"] == {"0": 30.0, "1": 30.4, "2": 29.7}


def test_every_variant_and_seed_stands_in_the_markdown(planted):
    text = markdown(planted)
    for word in ("content", "attention", "interpolation", "seed 2", "helps", "harms", "indistinguishable", "Holm"):
        assert word in text


def test_the_same_results_give_the_same_bytes(planted):
    assert markdown(planted) == markdown(planted)
    assert [table.rows for table in all_tables(planted)] == [table.rows for table in all_tables(planted)]


def test_one_seed_tells_nothing_and_says_so(ablation, results_of):
    asked = ablation(drop=("content",), seeds=(0,))
    found = results_of(asked, {"baseline": {0: 30.0}, "no-content": {0: 20.0}})
    assert overview(found).rows[0][-1].endswith("can't tell")
    assert any("fewer than three seeds" in caveat for caveat in caveats(found))
