"""The drawn face against what the Facial Action Coding System says each action unit does."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from efgan_kit.components.datasets.drawing import DRAWN_AUS, au_vector, draw_face, sample_aus, sample_identity
from efgan_kit.faces.aus import DESCRIPTIONS

INNER_BROWS, OUTER_BROWS = [21, 22], [17, 18, 25, 26]
UPPER_LIDS, LOWER_LIDS = [37, 38, 43, 44], [40, 41, 46, 47]
NOSTRILS, LIP_CORNERS, CHIN = [31, 32, 33, 34, 35], [48, 54], 8
X, Y = 0, 1


def person(seed):
    return sample_identity(np.random.default_rng(seed))


def moved(seed, **aus):
    """How far each landmark goes from the neutral face, in pixels of a 256-pixel picture."""
    return draw_face(person(seed), au_vector(aus), 256)[1] - draw_face(person(seed), au_vector({}), 256)[1]


@pytest.fixture(params=range(3), ids="person{}".format)
def seed(request):
    return request.param


def test_the_drawn_units_are_the_ones_openface_measures():
    assert list(DRAWN_AUS) == list(DESCRIPTIONS)


def test_the_same_person_and_expression_give_the_same_bytes(seed):
    aus = sample_aus(np.random.default_rng(seed))
    first, again = draw_face(person(seed), aus, 64), draw_face(person(seed), aus, 64)
    assert first[0].tobytes() == again[0].tobytes()
    assert first[1].tobytes() == again[1].tobytes()


def test_brow_units_raise_and_lower_the_parts_of_the_brow_they_are_named_for(seed):
    inner, outer, lowered = moved(seed, AU01=1), moved(seed, AU02=1), moved(seed, AU04=1)
    assert (inner[INNER_BROWS, Y] < -8).all()
    assert (inner[[17, 26], Y] == 0).all()
    assert (outer[OUTER_BROWS, Y] < -8).all()
    assert np.abs(outer[INNER_BROWS, Y]).max() < 2
    assert (lowered[INNER_BROWS, Y] > 5).all()
    assert lowered[21, X] > 2 > -2 > lowered[22, X]


def test_lid_units_open_narrow_and_close_the_eye(seed):
    def opening(**aus):
        points = draw_face(person(seed), au_vector(aus), 256)[1]
        return (points[LOWER_LIDS, Y].mean() - points[UPPER_LIDS, Y].mean()).item()

    assert opening(AU05=1) > 1.3 * opening()
    assert opening(AU07=1) < 0.6 * opening()
    assert abs(opening(AU45=1)) < 1.0
    assert opening(AU45=1, AU05=1) == pytest.approx(opening(AU45=1), abs=0.5)


def test_mouth_units_move_the_lip_corners_their_own_way(seed):
    corners = {name: moved(seed, **{name: 1})[LIP_CORNERS] for name in ("AU12", "AU15", "AU20", "AU23")}
    wider = {name: (corner[1, X] - corner[0, X]).item() for name, corner in corners.items()}
    assert (corners["AU12"][:, Y] < -8).all()
    assert (corners["AU15"][:, Y] > 8).all()
    assert np.abs(corners["AU20"][:, Y].mean()) < 1
    assert wider["AU20"] > wider["AU12"] > 5
    assert wider["AU23"] < -5


def test_a_dropped_jaw_takes_the_chin_along_and_parted_lips_do_not(seed):
    jaw, lips = moved(seed, AU26=1), moved(seed, AU25=1)
    assert jaw[CHIN, Y] > 10
    assert lips[CHIN, Y] == 0
    for change in (jaw, lips):
        assert change[66, Y] - change[62, Y] > 5


def test_a_wrinkled_nose_lifts_the_nostrils(seed):
    assert (moved(seed, AU09=1)[NOSTRILS, Y] < -3).all()


@pytest.mark.parametrize("name", DRAWN_AUS)
def test_every_unit_changes_the_picture_more_the_stronger_it_is(name, seed):
    rest = draw_face(person(seed), au_vector({}), 64)[0].astype(float)
    shown = [draw_face(person(seed), au_vector({name: level}), 64)[0] for level in (0.25, 0.5, 0.75, 1.0)]
    changes = [np.abs(picture - rest).sum() for picture in shown]
    assert changes[0] > 0
    assert all(later > earlier for earlier, later in itertools.pairwise(changes))


@pytest.mark.parametrize("name", DRAWN_AUS)
def test_every_unit_leaves_hair_background_and_the_rest_of_the_person_alone(name, seed):
    rest, shown = (draw_face(person(seed), au_vector({name: level}), 64)[0].astype(int) for level in (0, 1))
    assert np.abs(shown - rest)[:5].max() == 0
    assert (np.abs(shown - rest).max(-1) > 4).mean() < 0.25


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=17, max_size=17))
def test_any_person_under_any_units_has_landmarks_inside_the_picture(seed, aus):
    picture, landmarks = draw_face(person(seed), np.array(aus, np.float32), 64)
    assert picture.shape == (64, 64, 3)
    assert picture.dtype == np.uint8
    assert landmarks.shape == (68, 2)
    assert landmarks.min() >= 0
    assert landmarks.max() <= 63


def test_landmarks_lie_on_what_is_drawn():
    """The dark lash line runs through the upper lid's points, the lip line through the closed mouth's."""
    for seed in range(20):
        picture, landmarks = draw_face(person(seed), au_vector({}), 256)
        grey = picture.mean(-1)
        for point in (37, 38, 43, 44, 62):
            x, y = np.rint(landmarks[point]).astype(int)
            column = grey[y - 12 : y + 13, x]
            assert grey[y - 1 : y + 2, x].min() < np.median(column)


def test_landmarks_scale_with_the_picture():
    small, large = (draw_face(person(1), au_vector({"AU12": 1}), size)[1] for size in (64, 128))
    np.testing.assert_allclose((small + 0.5) * 2 - 0.5, large, atol=1e-3)


def test_sampled_expressions_vary_in_every_unit_and_tie_no_two_together():
    rng = np.random.default_rng(0)
    aus = np.stack([sample_aus(rng) for _ in range(4000)])
    assert aus.dtype == np.float32
    assert aus.min() >= 0
    assert aus.max() <= 1
    assert (aus.std(0) > 0.15).all()
    assert np.abs(np.corrcoef(aus.T) - np.eye(17)).max() < 0.75
    assert 0.08 < (aus[:, DRAWN_AUS.index("AU45")] > 0.85).mean() < 0.13
