"""Recipes learn: whole trainings as a user runs them, measured by the judge. Slow; run with `pytest -m proof`."""

import pytest

pytestmark = pytest.mark.proof


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_quickstart_closes_most_of_the_gap_and_its_cascade_closes_more_of_large_ones(trained, tmp_path, seed):
    single = trained("quickstart", tmp_path / "single", "-o", f"train.seed={seed}")
    aus, pictures = single["figures"]["au-error"], single["figures"]["picture-error"]
    assert aus["floor"] < 0.5 * aus["no_op"], "the judge can't tell a true edit from a copy"
    assert aus["share_of_gap_closed"] >= 0.7
    for region in ("face", "eyes", "nose", "mouth"):
        assert pictures[f"{region}.psnr.edit"] > pictures[f"{region}.psnr.no_op"], region

    start = ("--start-from", str(tmp_path / "single"), "-o", f"train.seed={seed}")
    cascade = trained("quickstart-cascade", tmp_path / "cascade", *start)
    share = {
        (name, gap): document["by_gap"][gap]["au-error"]["share_of_gap_closed"]
        for name, document in (("single", single), ("cascade", cascade))
        for gap in ("small", "large")
    }
    print(share, cascade["figures"]["progress"])
    assert share["cascade", "large"] > share["single", "large"]
    assert share["cascade", "small"] > share["single", "small"] - 0.01
    progress = cascade["figures"]["progress"]
    shares = [progress[f"{module}.share_of_gap_closed"] for module in (1, 2, 3)]
    assert shares == sorted(shares), "every module brings the expression further"
