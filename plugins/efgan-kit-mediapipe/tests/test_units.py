"""AUs from a face's signals."""

import pytest

from efgan_kit.api import au_set


@pytest.fixture
def resting():
    """The signals of a neutral face."""
    from efgan_kit_mediapipe.units import LIDS, SCALES, SQUINT

    scales = (*SCALES.values(), SQUINT, LIDS)
    return {name: scale.rest for scale in scales for name in scale.names}


def test_all_17_units_of_openface_are_spoken_of_and_the_blind_ones_have_reasons():
    from efgan_kit_mediapipe.units import BLIND, UNITS

    assert au_set("openface-17").names == UNITS
    assert set(BLIND) == {"AU09", "AU14", "AU15", "AU23"}
    assert all(BLIND.values())


def test_a_neutral_face_shows_nothing(resting):
    from efgan_kit_mediapipe.units import intensities

    assert set(intensities(resting).values()) == {0.0}


def test_a_smile_is_au12_and_half_of_it_on_one_side_alone(resting):
    from efgan_kit_mediapipe.units import SCALES, intensities

    full, rest = SCALES["AU12"].full, SCALES["AU12"].rest
    assert intensities({**resting, "mouthSmileLeft": full, "mouthSmileRight": full})["AU12"] == 1
    assert intensities({**resting, "mouthSmileLeft": full, "mouthSmileRight": rest})["AU12"] == pytest.approx(0.5)
    assert intensities({**resting, "mouthSmileLeft": 1.0, "mouthSmileRight": 1.0})["AU12"] == 1


def test_raised_lids_are_au06_in_a_smile_and_au07_in_any_face(resting):
    from efgan_kit_mediapipe.units import LIDS, intensities

    smile = {"mouthSmileLeft": 0.85, "mouthSmileRight": 0.85}
    lids = {LIDS.names[0]: LIDS.full}
    of = {name: intensities({**resting, **each}) for name, each in (("smile", smile), ("lids", lids))}
    assert (of["smile"]["AU06"], of["smile"]["AU07"]) == (0, 0)
    assert (of["lids"]["AU06"], of["lids"]["AU07"]) == (0, 0.5)
    assert intensities({**resting, **smile, **lids})["AU06"] == 1


def test_blind_units_stay_at_0_whatever_is_seen(resting):
    from efgan_kit_mediapipe.units import BLIND, intensities

    everything = intensities(dict.fromkeys(resting, 1.0))
    assert {everything[unit] for unit in BLIND} == {0.0}
    assert all(0 < everything[unit] <= 1 for unit in set(everything) - set(BLIND))
