"""Small trainings on a Ray cluster of this machine, from the command to the report."""

import pytest

pytest.importorskip("ray")

pytestmark = pytest.mark.proof


def test_a_study_is_trained_by_ray(efgan, install, cluster, quick_judge, small_study, trained_once, tmp_path):
    install("efgan-kit-ray")
    options = ("--launcher", "ray", "--launcher-option", f"address={cluster}", "--jobs", "2")
    answer = efgan("study", small_study, "--run", tmp_path / "DIR", *options)
    assert answer.code == 0, answer.err
    trained_once(tmp_path / "DIR")
