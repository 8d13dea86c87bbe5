"""A photo's labels are found where OpenFace and its users put them."""

import csv
import shutil
from pathlib import Path

import pytest

from efgan_kit.editing.labels import LabelFinder
from efgan_kit.errors import EfganError

UNITS = ("AU06", "AU12")
FACE = Path("images/p0000_0.png")
SIZE = (48, 48)


@pytest.fixture
def photos(drawn_photos, tmp_path):
    shutil.copytree(drawn_photos, tmp_path / "photos")
    return tmp_path / "photos"


def rows_of(photos):
    with (photos / "labels.csv").open(newline="") as file:
        return list(csv.reader(file))


def write(path, rows):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)


def openface(photos, path, **columns):
    """OpenFace's own file for the first face, with further columns; several faces where these are lists."""
    rows = rows_of(photos)
    count = max([len(values) for values in columns.values()], default=1)
    lines = [rows[1][2:] + [str(values[i]) for values in columns.values()] for i in range(count)]
    write(path, [[f" {name}" for name in rows[0][2:] + list(columns)], *lines])


def intensity(label):
    return float(label.aus[1])


def test_a_labels_file_above_the_picture(photos):
    row = rows_of(photos)[1]
    label = LabelFinder(UNITS).find(photos / FACE, SIZE)
    assert intensity(label) == pytest.approx(float(row[rows_of(photos)[0].index("AU12_r")]))
    assert label.where.endswith("labels.csv:2")
    assert label.landmarks.shape == (68, 2)


def test_a_relative_path_from_within_the_folder(photos, monkeypatch):
    monkeypatch.chdir(photos / "images")
    assert LabelFinder(UNITS).find(Path(FACE.name), SIZE).where.endswith("labels.csv:2")


def test_openfaces_own_file_beside_the_picture(photos):
    openface(photos, photos / FACE.with_suffix(".csv"))
    expected = intensity(LabelFinder(UNITS).find(photos / FACE, SIZE))
    (photos / "labels.csv").unlink()
    assert intensity(LabelFinder(UNITS).find(photos / FACE, SIZE)) == pytest.approx(expected)


def test_of_several_faces_the_one_openface_is_surest_of(photos):
    rows = rows_of(photos)
    place = rows[0].index("AU12_r") - 2
    openface(photos, photos / "two.csv", confidence=[0.6, 0.9])
    lines = list(csv.reader((photos / "two.csv").open(newline="")))
    lines[1][place], lines[2][place] = "1.0", "3.0"
    write(photos / "two.csv", lines)
    assert intensity(LabelFinder(UNITS, photos / "two.csv").find(photos / FACE, SIZE)) == 3.0


def test_a_given_file_is_the_only_one_looked_in(photos, tmp_path):
    other = tmp_path / "other.png"
    shutil.copy(photos / FACE, other)
    openface(photos, tmp_path / "anything.csv")
    assert LabelFinder(UNITS, tmp_path / "anything.csv").find(other, SIZE).landmarks.shape == (68, 2)
    with pytest.raises(EfganError, match="does not list"):
        LabelFinder(UNITS, photos / "labels.csv").find(other, SIZE)


def test_a_wild_photo_is_refused_with_the_way_to_labels(photos, tmp_path):
    shutil.copy(photos / FACE, tmp_path / "wild.png")
    with pytest.raises(EfganError, match=r"has no labels.*FaceLandmarkImg -f wild.png"):
        LabelFinder(UNITS).find(tmp_path / "wild.png", SIZE)


def test_faults_of_other_pictures_do_not_matter(photos):
    rows = rows_of(photos)
    rows[2][rows[0].index("AU12_r")] = "nonsense"
    write(photos / "labels.csv", rows)
    assert LabelFinder(UNITS).find(photos / FACE, SIZE)
    with pytest.raises(EfganError, match=r"labels.csv:3: AU12_r: 'nonsense' is not a number"):
        LabelFinder(UNITS).find(photos / "images/p0000_1.png", SIZE)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("AU12_r", "7", "AU12_r: 7 is outside 0..5"),
        ("AU06_r", "", "AU06_r: the cell is empty"),
        ("x_30", "4000", "lie beyond|outside"),
    ],
)
def test_a_faulty_line_is_refused_in_its_place(photos, column, value, message):
    rows = rows_of(photos)
    rows[1][rows[0].index(column)] = value
    write(photos / "labels.csv", rows)
    with pytest.raises(EfganError, match=message):
        LabelFinder(UNITS).find(photos / FACE, SIZE)


def test_labels_that_openface_itself_doubts_are_not_used(photos):
    openface(photos, photos / "doubt.csv", confidence=[0.1])
    with pytest.raises(EfganError, match=r"less than 0\.5 confident"):
        LabelFinder(UNITS, photos / "doubt.csv").find(photos / FACE, SIZE)


def test_missing_columns_are_named(photos):
    rows = rows_of(photos)
    keep = [i for i, name in enumerate(rows[0]) if name not in ("AU12_r", "x_3")]
    write(photos / "labels.csv", [[row[i] for i in keep] for row in rows])
    with pytest.raises(EfganError, match="there is no column x_3, AU12_r"):
        LabelFinder(UNITS).find(photos / FACE, SIZE)
