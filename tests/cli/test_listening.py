"""Where a server of ours listens."""

import pytest

from efgan_kit.cli.listening import is_loopback, listen
from efgan_kit.errors import EfganError


@pytest.mark.parametrize(
    ("host", "alone"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("192.168.1.5", False), ("x", False)],
)
def test_which_hosts_are_this_machine_alone(host, alone):
    assert is_loopback(host) == alone


def test_a_taken_port_is_refused_and_the_next_free_one_is_found():
    with listen("127.0.0.1", None) as first, listen("127.0.0.1", None) as second:
        taken = first.getsockname()[1]
        assert second.getsockname()[1] != taken
        with pytest.raises(EfganError, match=f"--port {taken}: is in use by another program; leave it out"):
            listen("127.0.0.1", taken)


def test_an_unknown_host_is_refused():
    with pytest.raises(EfganError, match="--host"):
        listen("203.0.113.7", 0)
