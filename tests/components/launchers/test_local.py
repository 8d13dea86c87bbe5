"""Trainings as processes of this machine: how its cores are shared out."""

import os

from efgan_kit.components.launchers.local import threads_for


def test_threads_are_the_machines_cores_shared_out(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "8")
    assert [threads_for(jobs) for jobs in (1, 3, 8, 20)] == [8, 2, 1, 1]
    monkeypatch.delenv("OMP_NUM_THREADS")
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 1, 2, 3}, raising=False)
    assert threads_for(2) == 2
