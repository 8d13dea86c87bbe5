"""A plugin's own code cannot end the process, fill stdout or take for ever."""

import os
import signal
import subprocess
import sys
import time

import pytest

from efgan_kit.registry import loading, registry
from efgan_kit.registry.loading import contained

FREE = hasattr(signal, "setitimer") and signal.getsignal(signal.SIGALRM) is signal.SIG_DFL
alarms = pytest.mark.skipif(not FREE, reason="alarms are taken")


def test_os_exit_raises_and_is_itself_again_afterwards():
    really = os._exit
    with pytest.raises(SystemExit, match=r"os\._exit\(3\)"), contained("moon"):
        os._exit(3)
    assert os._exit is really


def test_a_process_of_the_plugins_own_may_end_as_it_likes():
    with contained("moon"):
        child = os.fork()
        if child == 0:
            os._exit(7)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


def test_what_is_printed_goes_to_stderr(capsys):
    with contained("moon"):
        print("hello")
    assert capsys.readouterr() == ("", "hello\n")


@alarms
def test_what_takes_too_long_is_given_up_and_the_alarm_is_off(monkeypatch):
    monkeypatch.setattr(loading, "NOTICE", 0.05)
    monkeypatch.setattr(loading, "LIMIT", 0.1)
    with pytest.raises(loading.TooLong, match=r"it took more than 0\.1 s"), contained("moon"):
        time.sleep(10)
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL


@alarms
def test_an_alarm_of_somebody_else_is_left_alone(monkeypatch):
    rung = []
    signal.signal(signal.SIGALRM, lambda *_: rung.append(True))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        monkeypatch.setattr(loading, "NOTICE", 0.005)
        monkeypatch.setattr(loading, "LIMIT", 0.01)
        with contained("moon"):
            time.sleep(0.2)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
    assert rung == [True]


@alarms
def test_a_long_wait_is_explained(monkeypatch, capsys):
    monkeypatch.setattr(loading, "NOTICE", 0.05)
    with contained("moon"):
        time.sleep(0.3)
    assert "still loading the plugin of moon" in capsys.readouterr().err


@alarms
def test_a_plugin_that_hangs_is_quarantined(install_plugin, monkeypatch):
    monkeypatch.setattr(loading, "NOTICE", 0.1)
    monkeypatch.setattr(loading, "LIMIT", 0.3)
    install_plugin("moon-plugin", "import time\nwhile True:\n    time.sleep(0.01)\n")
    (plugin,) = [each for each in registry().plugins if each.name == "moon-plugin"]
    assert (plugin.state, plugin.reason) == ("broken", "TooLong: it took more than 0.3 s")


def test_json_stays_json_beside_a_plugin_that_prints(install_plugin):
    install_plugin("moon-plugin", "print('hello from the moon')\n")
    command = [sys.executable, "-m", "efgan_kit", "recipe", "list", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("[")
    assert "hello from the moon" in done.stderr
