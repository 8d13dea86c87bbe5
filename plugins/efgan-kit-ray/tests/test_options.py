"""What the launcher refuses before any cluster is asked, and where there is none."""

import pytest

ray = pytest.importorskip("ray")

from efgan_kit.errors import EfganError
from efgan_kit.evaluation.study import make_launcher


@pytest.fixture(autouse=True)
def installed(install):
    install("efgan-kit-ray")


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("cpu=2", "'ray' (efgan-kit-ray 0.1.0) has no parameter 'cpu'; did you mean 'cpus'?"),
        ("cpus=0", "cpus is 0: it must be at least 1"),
        ("gpus=-1", "gpus is -1.0: it must be at least 0"),
        ("resources=a100", "launcher.resources: expected a mapping of names"),
    ],
)
def test_options_are_checked_by_the_constructor(option, message):
    with pytest.raises(EfganError) as caught:
        make_launcher("ray", [option])
    assert message in str(caught.value)


def test_where_no_cluster_answers_is_told_in_a_sentence(monkeypatch):
    def refuse(*_, **__):
        raise ConnectionError("Could not find any running Ray instance.")

    monkeypatch.setattr(ray, "init", refuse)
    with pytest.raises(EfganError) as caught:
        make_launcher("ray").prepare()
    assert str(caught.value) == (
        "launcher 'ray': no Ray cluster answers at address 'auto'; "
        "start one by `ray start --head`, or name yours by address=HOST:PORT"
    )
