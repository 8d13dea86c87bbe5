"""The judge is fitted once for the same faces, and is another one for others."""

import pytest
import torch

from efgan_kit.api import FaceSpec, au_set
from efgan_kit.components.datasets.drawn_faces import DrawnFaces
from efgan_kit.evaluation.hashes import weights_hash
from efgan_kit.evaluation.judge import JudgeSettings, judge_for, judge_name

SPEC = FaceSpec(32, au_set(["AU12", "AU26"]))
QUICK = JudgeSettings(steps=3, batch_size=8, width=4)


def faces(seed=0):
    return DrawnFaces(SPEC, people=3, expressions=2, seed=seed)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("EFGAN_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def read(judge):
    return judge.regressor(torch.linspace(-1, 1, 3 * 32 * 32).reshape(1, 3, 32, 32))


def test_the_second_time_it_comes_from_the_cache_and_reads_the_same():
    fitted = []
    first = judge_for(faces(), SPEC, settings=QUICK, on_step=lambda done, total: fitted.append((done, total)))
    again = judge_for(faces(), SPEC, settings=QUICK, on_step=lambda done, total: pytest.fail("fitted again"))
    assert fitted == [(1, 3), (2, 3), (3, 3)]
    assert (first.cached, again.cached) == (False, True)
    assert torch.equal(read(first), read(again))
    assert first.weights_hash == again.weights_hash
    assert not again.regressor.training


def test_its_weights_have_a_hash_of_their_own():
    judge = judge_for(faces(), SPEC, settings=QUICK)
    other = judge_for(faces(seed=1), SPEC, settings=QUICK)
    assert judge.weights_hash == weights_hash(judge.regressor) != other.weights_hash
    with torch.no_grad():
        next(judge.regressor.parameters()).view(-1)[0] += 1e-3
    assert weights_hash(judge.regressor) != judge.weights_hash


def test_it_does_not_depend_on_the_global_random_state(cache):
    torch.manual_seed(1)
    first = read(judge_for(faces(), SPEC, settings=QUICK))
    for file in (cache / "judges").iterdir():
        file.unlink()
    torch.manual_seed(2)
    assert torch.equal(read(judge_for(faces(), SPEC, settings=QUICK)), first)


@pytest.mark.parametrize("damage", [b"", b"not safetensors", None])
def test_a_damaged_or_foreign_file_is_fitted_anew(cache, damage):
    judge = judge_for(faces(), SPEC, settings=QUICK)
    file = cache / "judges" / f"{judge.name}.safetensors"
    if damage is None:  # of another width
        other = judge_for(faces(), SPEC, settings=JudgeSettings(steps=3, batch_size=8, width=8))
        file.write_bytes((cache / "judges" / f"{other.name}.safetensors").read_bytes())
    else:
        file.write_bytes(damage)
    assert not judge_for(faces(), SPEC, settings=QUICK).cached
    assert judge_for(faces(), SPEC, settings=QUICK).cached


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("EFGAN_CACHE_DIR", str(tmp_path / "file"))
    assert not judge_for(faces(), SPEC, settings=QUICK).cached


def test_other_faces_aus_or_settings_are_another_judge():
    names = {
        judge_name(faces(), SPEC, QUICK),
        judge_name(faces(seed=1), SPEC, QUICK),  # of the same names
        judge_name(faces(), SPEC, JudgeSettings(steps=4, batch_size=8, width=4)),
        judge_name(DrawnFaces(SPEC, people=4, expressions=2), SPEC, QUICK),
    }
    assert len(names) == 4
    assert judge_name(faces(), SPEC, QUICK) in names
