"""What a plugin's metadata asks for, held against what is installed."""

import pytest

from efgan_kit.registry import requirements
from efgan_kit.registry.requirements import efgan_kit_range, misfit, unmet


@pytest.mark.parametrize(
    ("lines", "range_"),
    [
        (["efgan-kit>=0.1"], ">=0.1"),
        (["numpy", "Efgan_Kit >=0.1,<2 ; python_version > '3'"], "<2,>=0.1"),
        (["efgan-kit[video]>=0.1"], ">=0.1"),
        (["efgan-kit>=0.1", "efgan-kit<3; extra == 'old'"], ">=0.1"),
        (["efgan-kit-ict>=7", "efgan-kit"], ""),
        (["efgan-kit>=0.1,,"], ""),
        ([], ""),
    ],
)
def test_the_range_of_efgan_kit(lines, range_):
    assert efgan_kit_range(lines) == range_


@pytest.mark.parametrize(
    ("range_", "state"),
    [
        ("", None),
        (">=1,<3", None),
        (">=2.5", "too new"),
        (">2.0", "too new"),
        ("~=2.5", "too new"),
        ("==3.*", "too new"),
        ("==2.4", "too new"),
        ("<2", "too old"),
        (">=0.1,<2.0", "too old"),
        ("~=1.4", "too old"),
        ("==1.*", "too old"),
        ("!=2.0.0", "too old"),
    ],
)
def test_how_a_plugin_does_not_fit_version_2(range_, state):
    assert misfit(range_, "2.0.0") == state


def test_a_prerelease_of_ours_is_in_the_range():
    assert misfit(">=0.1", "0.2.0.dev3") is None


def test_what_is_not_met_says_what_is_there_and_what_installs_it(monkeypatch):
    versions = {"numpy": "1.26", "pillow": "11"}
    monkeypatch.setattr(requirements, "version_of", versions.get)
    lines = [
        "efgan-kit>=99",
        "pillow>=10",
        "numpy>=2",
        "moon-dust>=1; python_version >= '3'",
        "tides; python_version < '3'",
        "sun; extra == 'light'",
    ]
    old, absent = unmet(lines)
    assert (old.what, old.way_out) == ("numpy>=2, but 1.26 is installed", "pip install --upgrade 'numpy>=2'")
    assert (absent.what, absent.way_out) == ("moon-dust>=1, which is not installed", "pip install 'moon-dust>=1'")
    assert [each.line for each in unmet(lines, ["light"])] == ["numpy>=2", "moon-dust>=1", "sun"]
    assert [each.line for each in unmet(lines, ["light"], optional_only=True)] == ["sun"]
