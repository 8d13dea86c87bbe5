"""What a person sees: plain lines where nobody looks at a terminal, and warnings once."""

import pytest

from efgan_kit.training.watch import Watch


def record(step=5, **attention):
    losses = {f"term{number}.generator": 0.123456789 for number in range(9)}
    return {"step": step, "seconds": 61.7, "losses": losses, "rates": {}, "attention": attention}


def test_a_piped_log_has_one_plain_line_a_step(capfd):
    watch = Watch()
    with watch.training(0, 10):
        watch.step(1)
        watch.logged(record(5))
        watch.logged(record(10))
    out, err = capfd.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert len(lines) == 2, "however long"
    assert lines[0].split()[:4] == ["step", "5", "62", "s"]
    assert "term8.generator 0.1235" in lines[0]
    assert "\x1b" not in err


@pytest.mark.parametrize(
    ("mean", "words"),
    [
        (0.001, "the eyes generator's attention is 0.001, near 0: it copies its input; lower the weight"),
        (0.999, "the eyes generator's attention is 0.999, near 1: it redraws everything; raise the weight"),
    ],
)
def test_a_saturated_attention_is_warned_of_once_a_region(mean, words, capfd):
    watch = Watch()
    for _ in range(3):
        watch.logged(record(eyes=mean, mouth=0.5))
    err = capfd.readouterr().err
    assert err.count("warning:") == 1
    assert words in err
    watch.logged(record(eyes=mean, mouth=mean))
    assert capfd.readouterr().err.count("warning: the mouth") == 1


def test_a_generator_without_an_attention_map_is_not_warned_of(capfd):
    Watch().logged(record(face=1.0))
    assert "warning" not in capfd.readouterr().err


def test_quiet_says_nothing(capfd):
    watch = Watch(quiet=True)
    with watch.training(0, 1):
        watch.say("hello")
        watch.logged(record(face=0.0))
    assert capfd.readouterr() == ("", "")


def test_markup_in_names_is_left_alone(capfd):
    Watch().say("preparing [red]the loss[/red] '[x]'")
    assert capfd.readouterr().err == "preparing [red]the loss[/red] '[x]'\n"


def test_a_terminal_gets_a_bar(monkeypatch, capfd):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    watch = Watch()
    with watch.training(2, 10):
        watch.step(3)
        watch.say("a line above it")
    err = capfd.readouterr().err
    assert "3/10" in err
    assert "a line above it" in err
    watch.step(4)
