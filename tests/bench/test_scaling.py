import json
import subprocess
from pathlib import Path

import attrs
import pytest

from efgan_kit.bench.scaling import BATCH, over_keys, over_processes, over_workers
from efgan_kit.errors import EfganError


def silent(what, done, total):
    pass


def test_a_step_is_timed_at_each_size(way):
    points = over_keys(way(""), BATCH, [1, 2], rounds=1, tell=silent)
    assert [point.size for point in points] == [1, 2]
    assert all(point.seconds > 0 and point.peak > 1e7 for point in points)


def test_a_step_of_processes_is_read_off_the_log_of_a_whole_training(way):
    (point,) = over_processes(way(""), [1], silent)
    assert point.size == 1
    assert 0 < point.seconds < 60


def test_processes_share_all_cores_and_workers_stand_beside_the_threads_asked_for(way, monkeypatch):
    threads = []

    def trained(command, *, env, **_):
        threads.append(env.get("OMP_NUM_THREADS"))
        run = Path(command[command.index("--run") + 1])
        run.mkdir()
        lines = [json.dumps({"seconds": float(step)}) for step in range(8)]
        (run / "log.jsonl").write_text("\n".join(lines))
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    monkeypatch.setattr(subprocess, "run", trained)
    three = attrs.evolve(way(""), threads=3)
    points = (*over_processes(three, [2], silent), *over_workers(three, [1], silent))
    assert [point.seconds for point in points] == [1, 1]
    assert threads == [None, "3"]


def test_a_training_that_fails_says_why(way):
    with pytest.raises(EfganError, match="critic_stepz"):
        over_processes(way("", "train.critic_stepz=1"), [1], silent)
