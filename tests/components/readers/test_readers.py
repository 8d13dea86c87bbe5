"""Readers of OpenFace's and py-feat's files: the face that was measured, with its AUs, or what is wrong."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from efgan_kit.api import EfganError, FoundFace, Picture, au_set
from efgan_kit.components.readers.openface import OpenFace, OpenFaceAUs
from efgan_kit.components.readers.pyfeat import PyFeat, PyFeatAUs

UNITS = au_set("openface-17").names
FEAT = (*UNITS[:-1], "AU43")


def points(scale=1.0, shift=0.0):
    """68 different points, in the columns of both programs."""
    xs = {f"x_{i}": scale * (i % 9) * 10 + shift for i in range(68)}
    return xs | {f"y_{i}": scale * (i // 9) * 10 + shift for i in range(68)}


def openface(path, *faces, drop=()):
    """Write what FaceLandmarkImg writes: a comma and a space between the cells."""
    rows = []
    for number, (scale, confidence, intensity) in enumerate(faces):
        row = {"face": number, "confidence": confidence, "pose_Rx": 0.1, "pose_Ry": -0.2, "pose_Rz": 0.0}
        row |= points(scale) | {f"{unit}_r": intensity for unit in UNITS} | {"AU28_c": 1}
        rows.append({name: cell for name, cell in row.items() if name not in drop})
    path.parent.mkdir(parents=True, exist_ok=True)
    header = rows[0] if rows else {"face": 0, "confidence": 0, **points()}
    path.write_text("\n".join([", ".join(header), *(", ".join(map(str, row.values())) for row in rows)]) + "\n")


def fex(path, *faces):
    """Write what py-feat's Fex.to_csv writes; a face without a scale is a picture without a face."""
    rows = []
    for name, scale, score in faces:
        known = points(scale or 1) | dict.fromkeys(FEAT, 0.25) | {"AU43": 0.75, "AU24": 0.5, "FaceScore": score}
        rows.append({"input": name, "frame": 0} | (known if scale else dict.fromkeys(known, "")))
    path.write_text("\n".join([",".join(rows[0]), *(",".join(map(str, row.values())) for row in rows)]) + "\n")


def picture(path):
    return Picture(np.zeros((4, 4, 3), np.uint8), path)


def test_openface_gives_every_face_the_largest_first(tmp_path):
    openface(tmp_path / "a.csv", (1, 0.9, 2.5), (3, 0.4, 5.0))
    large, small = OpenFace()(picture(tmp_path / "a.jpg"))
    assert large.landmarks[67].tolist() == [120.0, 210.0]
    assert (large.confidence, small.confidence) == (0.4, 0.9)
    assert large.pose == pytest.approx((5.73, -11.46, 0.0), abs=0.01)
    assert OpenFaceAUs()(picture(None), small) == dict.fromkeys(UNITS, 0.5)


def test_openface_is_found_in_a_folder_by_the_names_of_both_folders(tmp_path):
    for person, intensity in (("anna", 1.0), ("ben", 4.0)):
        openface(tmp_path / "csv" / person / "1.csv", (1, 0.9, intensity))
    read = OpenFace(folder=str(tmp_path / "csv"))
    assert read(picture(tmp_path / "photos" / "ben" / "1.jpg"))[0].signals["AU12_r"] == 4.0
    with pytest.raises(EfganError, match=r"no file in .* could be its 1.csv"):
        read(picture(tmp_path / "photos" / "carla" / "1.jpg"))
    with pytest.raises(EfganError, match=r"could be its 2.csv"):
        read(picture(tmp_path / "2.jpg"))


def test_openface_measures_a_face_that_another_landmarker_found(tmp_path):
    openface(tmp_path / "a.csv", (1, 0.9, 1.0), (3, 0.9, 4.0))
    third = np.stack(OpenFace()(picture(tmp_path / "a.jpg"))[0].landmarks) + 2
    assert OpenFaceAUs()(picture(tmp_path / "a.jpg"), FoundFace(third))["AU12"] == 0.8
    with pytest.raises(EfganError, match="tells of no face where this one was found"):
        OpenFaceAUs()(picture(tmp_path / "a.jpg"), FoundFace(third + 500))


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda path: None, "beside it there is no a.csv"),
        (lambda path: openface(path, (1, 0.9, 5.5)), "AU01_r: 5.5 is outside 0..5"),
        (lambda path: openface(path, (1, 0.9, "nan")), "AU01_r: 'nan' is not a finite number"),
        (lambda path: openface(path, (1, 0.9, 1), drop=("x_3", "y_60")), "there is no column x_3, y_60"),
        (lambda path: path.write_text("frame,x_0\n1,2\n"), "holds the frames of a video"),
        (lambda path: path.write_bytes(b"\0\1"), "binary data"),
    ],
)
def test_openface_files_at_fault_are_named(tmp_path, write, message):
    write(tmp_path / "a.csv")
    with pytest.raises(EfganError, match=message):
        OpenFace()(picture(tmp_path / "a.jpg"))


def test_no_row_is_no_face_and_no_success_no_confidence(tmp_path):
    openface(tmp_path / "a.csv")
    assert OpenFace()(picture(tmp_path / "a.jpg")) == []
    openface(tmp_path / "b.csv", (1, 0.9, 1))
    text = (tmp_path / "b.csv").read_text().splitlines()
    (tmp_path / "b.csv").write_text(f"{text[0]}, success\n{text[1]}, 0\n")
    assert OpenFace()(picture(tmp_path / "b.jpg"))[0].confidence == 0
    openface(tmp_path / "c.csv", (1, 0.9, 1), drop=tuple(f"{unit}_r" for unit in UNITS))
    (face,) = OpenFace()(picture(tmp_path / "c.jpg"))
    with pytest.raises(EfganError, match="OpenFace writes them with -aus"):
        OpenFaceAUs()(picture(tmp_path / "c.jpg"), face)


def test_pyfeat_gives_the_faces_of_the_picture_that_is_meant(tmp_path):
    anna = "c:\\x\\anna\\1.jpg"
    fex(tmp_path / "fex.csv", (anna, 1, 0.9), (anna, 2, 0.8), ("/y/ben/1.jpg", None, ""))
    read = PyFeat(table=str(tmp_path / "fex.csv"))
    faces = read(picture(tmp_path / "anna" / "1.jpg"))
    assert [face.confidence for face in faces] == [0.8, 0.9]
    assert read(picture(tmp_path / "ben" / "1.jpg")) == []
    aus = PyFeatAUs()(picture(None), faces[0])
    assert set(aus) == set(UNITS)
    assert (aus["AU12"], aus["AU45"]) == (0.25, 0.75)
    with pytest.raises(EfganError, match=r"does not list 2.jpg"):
        read(picture(tmp_path / "2.jpg"))
    with pytest.raises(EfganError, match=r"lists several pictures that 1.jpg could be"):
        read(picture(tmp_path / "carla" / "1.jpg"))


def test_pyfeat_files_of_another_make_are_refused(tmp_path):
    file = tmp_path / "fex.csv"
    file.write_text("input,x_0,x_68\na.jpg,1,2\n")
    with pytest.raises(EfganError, match="MediaPipe's landmarks"):
        PyFeat(table=str(file))
    file.write_text("x_0\n1\n")
    with pytest.raises(EfganError, match="there is no column 'input'"):
        PyFeat(table=str(file))
    with pytest.raises(EfganError, match="no AUs of py-feat's"):
        PyFeatAUs()(picture(None), FoundFace(np.zeros((68, 2), np.float32)))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.text(max_size=6), min_size=1, max_size=5), min_size=1, max_size=5), st.binary(max_size=40))
def test_no_file_whatever_raises_anything_but_a_named_fault(tmp_path_factory, rows, tail):
    folder = tmp_path_factory.mktemp("any")
    header = ",".join(["input", "x_0", "confidence"])
    text = "\n".join([header, *(",".join(row) for row in rows)])
    (folder / "a.csv").write_bytes(text.encode("utf-8", "replace") + tail)
    for make in (OpenFace, lambda: PyFeat(table=str(folder / "a.csv"))):
        try:
            make()(picture(folder / "a.jpg"))
        except EfganError as error:
            assert str(folder) in str(error)  # noqa: PT017 - without a fault, all is well
