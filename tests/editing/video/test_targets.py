"""What a clip's face is edited to: it goes on to speak, or holds still, or follows a table."""

import numpy as np
import pytest

from efgan_kit.editing.targets import Change
from efgan_kit.editing.video.targets import ByFrame, LikeClip, Steady, ramped, read_by_frame
from efgan_kit.errors import EfganError
from efgan_kit.faces.aus import au_set

AUS = au_set(["AU12", "AU25"])
OWN = np.array([[0.1, 0.0], [0.1, 0.4], [0.1, 0.2], [0.3, 0.2], [0.1, 0.2]])
TIMES = np.arange(5) / 25
SMILE = Change({0: 0.8, 1: 0.5}, keeps_rest=False)


def test_the_middle_expression_becomes_the_wished_one_and_speech_survives():
    targets = Steady(SMILE).targets(OWN, 0, TIMES)
    np.testing.assert_allclose(targets, [[0.8, 0.3], [0.8, 0.7], [0.8, 0.5], [1.0, 0.5], [0.8, 0.5]])


def test_held_and_added_aus():
    np.testing.assert_allclose(Steady(SMILE, "held").targets(OWN, 0, TIMES), [[0.8, 0.5]] * 5)
    added = Steady(Change({0: 0.8}, relative=True), "added").targets(OWN, 0, TIMES)
    np.testing.assert_allclose(added, np.stack([[0.9, 0.9, 0.9, 1.0, 0.9], OWN[:, 1]], axis=1))


def test_frames_between_those_of_a_table_get_what_lies_between():
    wish = ByFrame(np.array([11, 13]), [0], np.array([[0.2], [0.6]]))
    np.testing.assert_allclose(wish.targets(OWN, 10, TIMES)[:, 0], [0.2, 0.2, 0.4, 0.6, 0.6])
    np.testing.assert_allclose(wish.targets(OWN, 10, TIMES)[:, 1], OWN[:, 1])


def test_another_clip_drives_by_its_times():
    wish = LikeClip(np.array([0.0, 0.08]), np.array([[0.0, 1.0], [1.0, 0.0]]))
    np.testing.assert_allclose(wish.targets(OWN, 0, TIMES), [[0, 1], [0.5, 0.5], [1, 0], [1, 0], [1, 0]])


def test_ramps_begin_and_end_with_the_faces_own_aus():
    targets = np.ones((5, 2))
    eased = ramped(OWN, targets, TIMES, (TIMES[0], TIMES[-1]), 0.08)
    np.testing.assert_allclose(eased, [OWN[0], (OWN[1] + 1) / 2, [1, 1], (OWN[3] + 1) / 2, OWN[4]])
    assert ramped(OWN, targets, TIMES, (0.0, 0.16), 0.0) is targets


def test_a_table_counts_frames_from_1_and_intensities_to_5(tmp_path):
    path = tmp_path / "targets.csv"
    path.write_text("frame, timestamp, AU12_r\n3, 0.1, 5\n1, 0.0, 2.5\n")
    wish = read_by_frame(path, AUS)
    assert wish.frames.tolist() == [0, 2]
    assert wish.values.ravel().tolist() == [0.5, 1.0]
    assert list(wish.columns) == [0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty"),
        ("AU12_r\n1\n", "there is no column 'frame'"),
        ("frame,AU04_r\n1,1\n", "there is no column of an AU that the run knows"),
        ("frame,AU12_r\n", "names no frames"),
        ("frame,AU12_r\n0,1\n", "0 is not the number of a frame"),
        ("frame,AU12_r\n1,1\n1,2\n", "1 has a line already"),
        ("frame,AU12_r\n1,7\n", "7 is outside 0..5"),
        ("frame,AU12_r\n1,wide\n", "'wide' is not a number"),
    ],
)
def test_a_faulty_table_is_refused_with_its_line(tmp_path, text, said):
    path = tmp_path / "targets.csv"
    path.write_text(text)
    with pytest.raises(EfganError) as caught:
        read_by_frame(path, AUS)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)
