"""`efgan train`: exit codes, and runs that were interrupted, killed and damaged, taken up again."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

TINY = Path(__file__).parents[1] / "training" / "recipes" / "tiny.yaml"
TEACHER = ("-o", "losses.teacher={use: au-teacher, steps: 2, width: 4, weight: 0.1}")
STEPS = ("-o", "train.steps=8", "-o", "train.sample_every=4", *TEACHER)
ONE, TWO = ("-o", "train.steps=1"), ("-o", "train.steps=2")


@pytest.fixture
def train(efgan):
    """`train("run", ...)`: the tiny recipe in this process."""
    return lambda run, *options: efgan("train", TINY, "--run", run, "--no-evaluate", *options)


@pytest.fixture(scope="module")
def run_of(tmp_path_factory):
    """A finished run of the tiny recipe with options."""
    import torch

    from efgan_kit.recipe import load_recipe
    from efgan_kit.training import train

    def run_of(*options):
        # Sums are the same to the bit where the number of threads is.
        torch.set_num_threads(1)
        run = tmp_path_factory.mktemp("finished") / "run"
        train(load_recipe(TINY, overrides=[option for option in options if option != "-o"]), run=run, quiet=True)
        return run

    return run_of


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run that nobody disturbed, of a process of its own, as those are that are compared with it to the bit."""
    run = tmp_path_factory.mktemp("whole") / "run"
    code, _, err = finish(begin(run))
    assert code == 0, err
    return run


@pytest.fixture(scope="module")
def finished(run_of):
    """A run of one step."""
    return run_of(*ONE)


def begin(run, *options):
    """Starts the same in a process group of its own."""
    command = [
        sys.executable,
        "-m",
        "efgan_kit",
        "train",
        TINY,
        "--run",
        run,
        "--no-evaluate",
        *STEPS,
        *options,
    ]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


def wait_for(process, start):
    """Reads what the process says up to a line that begins so."""
    for line in process.stderr:
        if line.startswith(start):
            return
    raise AssertionError(f"it ended with {process.wait()} and never said '{start}'")


def finish(process):
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def lines(run):
    return [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]


def assert_same(run, whole):
    """Weights, moments, averages and sheets are the same to the bit, and the log is but for the time."""
    for folder in ("checkpoints/0000008", "samples"):
        names = sorted(path.name for path in (whole / folder).iterdir())
        assert sorted(path.name for path in (run / folder).iterdir()) == names
        for name in names:
            if name != "state.json":
                assert (run / folder / name).read_bytes() == (whole / folder / name).read_bytes(), name
    for line, expected in zip(lines(run), lines(whole), strict=True):
        assert {**line, "seconds": 0} == {**expected, "seconds": 0}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGUSR1])
def test_a_signal_while_the_run_is_measured_leaves_the_run(number, tmp_path, tiny_run, efgan, monkeypatch):
    run = tmp_path / "run"
    shutil.copytree(tiny_run, run)
    monkeypatch.setattr("efgan_kit.evaluation.evaluate", lambda *given, **named: signal.raise_signal(number))
    answer = efgan("train", run / "recipe.yaml", "--run", run, "--resume")
    assert answer.code == 130
    assert f"the run is trained, and not measured in full: efgan evaluate {run}" in answer.err
    assert json.loads((run / "summary.json").read_text())["steps"] == 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1])
def test_a_signal_while_the_training_is_prepared_is_an_interruption(number, tmp_path, tiny_run, efgan, monkeypatch):
    from efgan_kit.training import loop

    monkeypatch.setattr(loop, "start_of", lambda recipe: signal.raise_signal(number))
    run = tmp_path / "run"
    answer = efgan("train", tiny_run / "recipe.yaml", "--run", run)
    assert answer.code == 130
    assert not run.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGUSR1])
def test_an_interrupted_run_is_resumed_to_the_bit(number, whole, tmp_path):
    """The signal goes to the whole group, loader worker included, as from a terminal or a scheduler."""
    run, worker = tmp_path / "run", ("-o", "train.workers=1")
    process = begin(run, *worker)
    wait_for(process, "step       1")
    os.killpg(process.pid, number)
    code, out, err = finish(process)
    assert code == 130, err
    assert "is saved, go on with --resume" in err
    assert "Traceback" not in err
    assert out == ""
    done = len(lines(run))
    assert 1 <= done < 8
    assert (run / "checkpoints" / f"{done:07d}" / "state.json").is_file()
    code, _, err = finish(begin(run, *worker, "--resume"))
    assert code == 0, err
    assert_same(run, whole)


def test_a_run_interrupted_before_its_first_step_is_resumed_too(tmp_path, train):
    run, slow = tmp_path / "run", ("-o", "losses.teacher.steps=100000")
    process = begin(run, *slow)
    wait_for(process, "preparing the loss term 'teacher'")
    process.send_signal(signal.SIGTERM)
    code, _, err = finish(process)
    assert code == 130, err
    assert "Traceback" not in err
    recipe = (run / "recipe.yaml").read_text()
    (run / "recipe.yaml").write_text(recipe.replace("steps: 100000", "steps: 2").replace("steps: 8", "steps: 2"))
    answer = train(run, *STEPS, *TWO, "--resume")
    assert answer.code == 0, answer.err
    assert [line["step"] for line in lines(run)] == [1, 2]


def test_a_killed_run_is_resumed_from_its_last_checkpoint(whole, tmp_path):
    run = tmp_path / "run"
    process = begin(run)
    wait_for(process, "step       5")
    process.kill()
    assert finish(process)[0] == -signal.SIGKILL
    assert (run / "checkpoints" / "0000004").is_dir()
    with (run / "log.jsonl").open("a") as log:
        log.write('{"step": 8, "secon')
    code, _, err = finish(begin(run, "--resume"))
    assert code == 0, err
    assert_same(run, whole)


def test_one_command_begins_and_goes_on(tmp_path, train):
    """What a cluster runs again after it took the machine away, at whatever moment that was."""
    run = tmp_path / "run"
    (run / "samples").mkdir(parents=True)
    for step in (1, 2):
        recipe = ("-o", f"train.steps={step}")
        answer = train(run, *recipe, "--resume-if-begun")
        assert answer.code == 0, answer.err
        text = (run / "recipe.yaml").read_text()
        (run / "recipe.yaml").write_text(text.replace("\n  steps: 1\n", "\n  steps: 2\n"))
    assert [line["step"] for line in lines(run)] == [1, 2]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--device", "cuda:7"], "--device: there is no 'cuda:7' on this machine; there is: "),
        (["--device", "tpu"], "--device: there is no 'tpu' on this machine; there is: "),
        (["-o", "train.precision=fp16", "--device", "cpu"], "train.precision: fp16 needs a CUDA device"),
        (
            ["-o", "graph.interpolator=null"],
            "losses.interpolation: graph.interpolator: a live term asks for it",
        ),
        (["-o", "graph.discriminators.final.layers=9"], "10 halvings leave nothing of region face"),
        (["--start-from", "a", "-o", "graph.start_from=b"], "--start-from: -o graph.start_from names a run, too"),
        (["--resume"], "no such folder; a run folder is what `efgan train --run DIR` writes"),
    ],
)
def test_the_users_faults_are_2_and_leave_nothing_behind(options, words, tmp_path, train):
    answer = train(tmp_path / "run", *options)
    assert answer.code == 2, answer.err
    assert words in answer.err
    assert "Traceback" not in answer.err
    assert not (tmp_path / "run").exists()


def test_a_loss_that_explodes_is_2_and_named(tmp_path, train):
    answer = train(tmp_path / "run", "-o", "optimizer.lr=1e30")
    assert answer.code == 2
    assert "'s phase: the " in answer.err
    assert "is not finite; " in answer.err
    assert "weights have not moved" in answer.err
    assert "optimizer.lr" in answer.err
    assert "Traceback" not in answer.err


def test_a_run_is_evaluated_in_the_end_and_says_where_everything_is(tmp_path, efgan, quick_judge):
    run = tmp_path / "run"
    answer = efgan("train", TINY, "--run", run, *TWO)
    assert answer.code == 0, answer.err
    summary = json.loads((run / "summary.json").read_text())
    assert summary["steps"] == 2
    assert summary["seconds"] > 0
    assert {"psnr", "psnr_no_op", "au_error", "attention"} <= set(summary)
    assert all(isinstance(value, (int, float)) for value in summary.values())
    for name in ("samples/0000002.png", "evaluation.json", "evaluation.png"):
        assert (run / name).is_file()
        assert str(run / name) in answer.out
    (edited,) = [line for line in answer.out.splitlines() if line.startswith("edited face (")]
    with Image.open(edited.split(":", 1)[1].strip()) as picture:
        picture.load()
    assert answer.out.splitlines()[-1] == f"done: {run}"
    again = efgan("train", TINY, "--run", run, *TWO, "--resume")
    assert again.code == 0, again.err
    assert json.loads((run / "summary.json").read_text()) == summary


def test_a_run_whose_faces_cannot_measure_it_is_still_done(tmp_path, efgan, quick_judge):
    run = tmp_path / "run"
    answer = efgan("train", TINY, "--run", run, *ONE, "-o", "data.test=null")
    assert answer.code == 0, answer.err
    assert "warning: the run is trained, but not measured or shown in full: " in answer.err
    assert json.loads((run / "summary.json").read_text())["steps"] == 1


def test_a_run_is_not_written_over(finished, train):
    answer = train(finished, *ONE)
    assert answer.code == 2
    assert "there is something in this folder already; go on with --resume" in answer.err


def test_a_finished_run_can_be_resumed_and_stays(finished, train):
    before = {path: path.read_bytes() for path in finished.rglob("*") if path.is_file()}
    answer = train(finished, *ONE, "--resume")
    assert answer.code == 0, answer.err
    assert {path: path.read_bytes() for path in finished.rglob("*") if path.is_file()} == before


def test_another_recipe_is_refused_with_the_difference(finished, train):
    answer = train(finished, *ONE, "-o", "losses.content=null", "--resume")
    assert answer.code == 2
    assert "this run was begun with another recipe: losses.content was " in answer.err


@pytest.mark.parametrize("name", ["graph.safetensors", "optimizer.generator.safetensors", "state.json"])
def test_a_truncated_checkpoint_is_named(name, finished, train):
    path = finished / "checkpoints" / "0000001" / name
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    try:
        answer = train(finished, *ONE, "--resume")
    finally:
        path.write_bytes(content)
    assert answer.code == 2
    assert f"{path}: a file of the checkpoint is damaged" in answer.err
    assert "restore the folder from a copy, or begin a new --run" in answer.err


def test_a_run_goes_on_from_the_checkpoint_before_a_damaged_one(whole, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(whole, run)
    path = run / "checkpoints" / "0000008" / "graph.safetensors"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    code, _, err = finish(begin(run, "--resume"))
    assert code == 0, err
    assert f"warning: {path}: a file of the checkpoint is damaged or was changed" in err
    assert "going on from step 4 instead" in err
    assert_same(run, whole)
    assert sorted(folder.name for folder in (run / "checkpoints").iterdir()) == ["0000004", "0000008"]


def test_other_versions_are_refused_until_they_are_accepted_and_then_recorded(finished, tmp_path, train):
    run = tmp_path / "run"
    shutil.copytree(finished, run)
    lock = json.loads((run / "lock.json").read_text())
    now = lock["distributions"]["torch"]
    lock["distributions"]["torch"] = "1.0"
    (run / "lock.json").write_text(json.dumps(lock))
    answer = train(run, *TWO, "--resume")
    assert answer.code == 2
    assert "with another recipe: train.steps was 1, now 2; the run's own is" in answer.err
    assert f"with other versions: torch was 1.0, now {now}; install those it was begun with" in answer.err
    answer = train(run, *TWO, "--resume", "--accept-changes")
    assert answer.code == 0, answer.err
    lock = json.loads((run / "lock.json").read_text())
    assert lock["distributions"]["torch"] == now
    assert lock["changes"] == [
        {"step": 1, "recipe": {"train.steps": [1, 2]}, "distributions": {"torch": ["1.0", now]}}
    ]
    assert [line["step"] for line in lines(run)] == [1, 2]
    assert train(run, *TWO, "--resume").code == 0, "it is the run's own recipe now"
