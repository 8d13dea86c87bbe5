"""A photo folder gives the faces, AUs, people and pairs that its files say."""

import csv
import pickle

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from efgan_kit.api import FaceDataset, FaceSpec, au_set
from efgan_kit.components.datasets.drawing.photo_folder_writer import write_photo_folder
from efgan_kit.components.datasets.drawn_faces import DrawnFaces
from efgan_kit.components.datasets.photo_folder import PhotoFolder
from efgan_kit.errors import EfganError

SIZE = 48
FACES = FaceSpec(SIZE, au_set("openface-17"))
DRAWN = DrawnFaces(FACES, people=4, expressions=3)


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("EFGAN_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def root(tmp_path):
    write_photo_folder(DRAWN, tmp_path / "photos")
    return tmp_path / "photos"


def rows_of(root, name="labels.csv"):
    with (root / name).open(newline="") as file:
        return list(csv.DictReader(file))


def write_rows(path, rows):
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def as_openface(root, folder="", extra=lambda row: []):
    """Replaces labels.csv by files such as FaceLandmarkImg writes, with its spaces after the commas."""
    for row in rows_of(root):
        labels = {key: value for key, value in row.items() if key not in ("image", "person")}
        faces = [{"face": "0", "confidence": "0.98", **labels}, *extra(labels)]
        target = (root / row["image"]).with_suffix(".csv")
        if folder:
            target = root / folder / target.name
            target.parent.mkdir(exist_ok=True)
        lines = [", ".join(faces[0]), *(", ".join(face.values()) for face in faces)]
        target.write_text("\n".join(lines) + "\n")
    (root / "labels.csv").unlink()


def assert_same_faces(dataset, other):
    assert list(dataset.names) == list(other.names)
    for index in range(len(dataset)):
        for one, two in zip(dataset[index], other[index], strict=True):
            assert torch.equal(one, two)


def test_faces_come_back_as_they_were_drawn(root):
    dataset = PhotoFolder(FACES, root=str(root))
    assert isinstance(dataset, FaceDataset)
    assert dataset.framing == "whole"
    assert list(dataset.names) == [f"images/{name}.png" for name in DRAWN.names]
    assert list(dataset.people) == DRAWN.people
    assert list(dataset.pairs) == DRAWN.pairs
    assert dataset.warnings == ()
    for index in range(len(DRAWN)):
        image, points, aus = dataset[index]
        assert image.dtype == torch.uint8
        assert torch.equal(image, DRAWN[index].image)
        assert torch.allclose(points, DRAWN[index].landmarks, atol=1e-3)
        assert torch.allclose(aus, DRAWN[index].aus, atol=1e-5)
        assert torch.equal(aus, dataset.au_vectors[index])
        assert dataset.path(index) == root / dataset.names[index]


def test_indices_behave_as_in_a_list(root):
    dataset = PhotoFolder(faces=FACES, root=str(root))
    assert torch.equal(dataset[-1].image, dataset[len(dataset) - 1].image)
    with pytest.raises(IndexError):
        dataset[len(dataset)]


@pytest.mark.parametrize("cache_gb", [0.0, 4.0])
def test_a_face_is_the_same_each_time_whatever_its_reader_does(root, cache_gb):
    dataset = PhotoFolder(FACES, root=str(root), cache_gb=cache_gb)
    before = dataset[0].image.clone()
    dataset[0].image.zero_()
    dataset[0].aus.fill_(1)
    assert torch.equal(dataset[0].image, before)
    assert torch.allclose(dataset[0].aus, DRAWN[0].aus, atol=1e-5)


def test_workers_get_a_copy(root):
    dataset = PhotoFolder(FACES, root=str(root))
    assert_same_faces(pickle.loads(pickle.dumps(dataset)), dataset)


def test_au_set_chooses_the_columns(root):
    few = FaceSpec(SIZE, au_set(["AU25", "AU12"]))
    dataset = PhotoFolder(few, root=str(root))
    columns = [FACES.aus.index("AU25"), FACES.aus.index("AU12")]
    assert torch.allclose(dataset[1].aus, DRAWN[1].aus[columns], atol=1e-5)


def test_aus_are_openface_s_fifths(root):
    rows = rows_of(root)
    rows[0] |= {"AU12_r": "2.5", "AU01_r": "0", "AU02_r": "5"}
    write_rows(root / "labels.csv", rows)
    aus = PhotoFolder(FACES, root=str(root))[0].aus
    assert [aus[FACES.aus.index(unit)].item() for unit in ("AU12", "AU01", "AU02")] == [0.5, 0.0, 1.0]


@pytest.mark.parametrize("folder", ["", "processed"])
def test_openface_s_own_files_say_the_same(root, folder):
    expected = PhotoFolder(FACES, root=str(root))
    as_openface(root, folder)
    (root / "pairs.csv").unlink()
    dataset = PhotoFolder(FACES, root=str(root))
    assert_same_faces(dataset, expected)
    assert list(dataset.people) == list(dataset.names)
    assert list(dataset.pairs) == []


def test_openface_s_painted_pictures_are_not_taken_for_the_photos(root):
    expected = PhotoFolder(FACES, root=str(root))
    as_openface(root, "processed")
    for name in DRAWN.names:
        Image.new("RGB", (SIZE, SIZE), "red").save(root / "processed" / f"{name}.jpg")
        (root / "processed" / f"{name}_of_details.txt").write_text(f"Input:{name}.png\n")
        (root / "processed" / f"{name}_aligned").mkdir()
        Image.new("RGB", (8, 8)).save(root / "processed" / f"{name}_aligned" / "face_det_000000.bmp")
    assert_same_faces(PhotoFolder(FACES, root=str(root)), expected)


def test_of_several_faces_the_most_certain_counts(root):
    expected = PhotoFolder(FACES, root=str(root))

    def bystander(labels):
        return [{"face": "1", "confidence": "0.7", **labels, "AU12_r": "4.9", "x_30": "1.0"}]

    as_openface(root, extra=bystander)
    dataset = PhotoFolder(FACES, root=str(root))
    assert_same_faces(dataset, expected)
    assert "images/p0000_0.png and 11 more: has several faces" in str(dataset.warnings[0])


def test_nested_folders_keep_their_own_labels_and_pairs(root, tmp_path):
    outer = tmp_path / "outer"
    outer.mkdir()
    root.rename(outer / "one")
    write_photo_folder(DrawnFaces(FACES, people=2, expressions=2, group="other"), outer / "two")
    dataset = PhotoFolder(FACES, root=str(outer))
    assert len(dataset) == 12 + 4
    assert dataset.names[-1] == "two/images/p0001_1.png"
    assert (12, 13) in dataset.pairs
    assert len(dataset.pairs) == 12 + 4


def test_uncertain_faces_are_dropped_with_their_pairs(root):
    rows = [row | {"confidence": "0.98", "success": "1"} for row in rows_of(root)]
    rows[1]["confidence"] = "0.2"
    rows[4] |= {"success": "0", "AU01_r": "nonsense"}
    write_rows(root / "labels.csv", rows)
    dataset = PhotoFolder(FACES, root=str(root))
    assert len(dataset) == 10
    # In each of the two rings of three, the two pairs with the dropped face are gone.
    assert list(dataset.pairs) == [(1, 0), (3, 2), (4, 5), (5, 6), (6, 4), (7, 8), (8, 9), (9, 7)]
    assert [str(warning).split(":")[0] for warning in dataset.warnings] == [
        "images/p0000_1.png and 1 more",
        "pairs.csv",
    ]


def test_without_pairs_csv_each_face_is_paired_with_the_person_s_next(root):
    (root / "pairs.csv").unlink()
    dataset = PhotoFolder(FACES, root=str(root))
    assert list(dataset.pairs) == [(0, 1), (1, 2), (3, 4), (4, 5), (6, 7), (7, 8), (9, 10), (10, 11)]


def test_another_pairs_file_may_be_named(root, tmp_path):
    (tmp_path / "mine.csv").write_text("source,truth\nimages/p0002_0.png,images/p0002_2.png\n")
    assert list(PhotoFolder(FACES, root=str(root), pairs=str(tmp_path / "mine.csv")).pairs) == [(6, 8)]
    (root / "few.csv").write_text("truth,source\nimages/p0001_0.png,images/p0001_2.png\n")
    assert list(PhotoFolder(FACES, root=str(root), pairs="few.csv").pairs) == [(5, 3)]
    with pytest.raises(EfganError, match=r"none\.csv: there is no such file"):
        PhotoFolder(FACES, root=str(root), pairs="none.csv")


def test_pairs_say_who_is_one_person_where_no_column_does(root):
    rows = [{key: value for key, value in row.items() if key != "person"} for row in rows_of(root)]
    write_rows(root / "labels.csv", rows)
    dataset = PhotoFolder(FACES, root=str(root))
    assert list(dataset.people) == [f"images/{name[:5]}_0.png" for name in DRAWN.names]
    (root / "pairs.csv").unlink()
    dataset = PhotoFolder(FACES, root=str(root))
    assert list(dataset.people) == list(dataset.names)


def test_splits_share_out_the_people(root):
    parts = {split: PhotoFolder(FACES, root=str(root), split=split) for split in ("train", "test")}
    people = {split: set(part.people) for split, part in parts.items()}
    assert people["train"].isdisjoint(people["test"])
    assert people["train"] | people["test"] == set(DRAWN.people)
    assert len(parts["train"]) + len(parts["test"]) == len(DRAWN)
    for part in parts.values():
        assert len(part.pairs) == len(part)  # rings
        assert all(part.people[source] == part.people[truth] for source, truth in part.pairs)
        index = DRAWN.names.index(part.names[0].removeprefix("images/").removesuffix(".png"))
        assert torch.equal(part[0].image, DRAWN[index].image)


@pytest.mark.parametrize("name", ["train", "test"])
def test_one_person_cannot_be_split(root, name):
    rows = [row | {"person": "one"} for row in rows_of(root)]
    write_rows(root / "labels.csv", rows)
    assert len(PhotoFolder(FACES, root=str(root))) == 12
    with pytest.raises(EfganError, match="at least two people"):
        PhotoFolder(FACES, root=str(root), split=name)


@pytest.mark.parametrize(
    "choice", [{"split": "tset"}, {"framing": "crop"}, {"test_share": 0.0}, {"test_share": 1.0}]
)
def test_choices_are_checked(root, choice):
    with pytest.raises(EfganError, match=next(iter(choice))):
        PhotoFolder(FACES, root=str(root), **choice)


def in_photographs(root, left=70, top=30):
    """The faces as part of larger photographs, 200 x 160."""
    rows = rows_of(root)
    for row in rows:
        face = Image.open(root / row["image"])
        photo = Image.new("RGB", (200, 160), (30, 90, 200))
        photo.paste(face, (left, top))
        photo.save(root / row["image"])
        for point in range(68):
            row[f"x_{point}"] = str(float(row[f"x_{point}"]) + left)
            row[f"y_{point}"] = str(float(row[f"y_{point}"]) + top)
    write_rows(root / "labels.csv", rows)


def test_faces_are_cut_from_photographs(root):
    in_photographs(root)
    dataset = PhotoFolder(FACES, root=str(root))
    assert dataset.framing == "face"
    for index in range(len(dataset)):
        points = dataset[index].landmarks
        eyes = (points[36] - points[45]).norm().item() / SIZE
        assert 0.3 < eyes <= 0.45
        assert points.min() >= 0
        assert points.max() <= SIZE - 1
        frame = dataset.frame(index)
        assert frame.left > 50
        assert frame.side < 80


def test_framing_may_be_forced(root):
    in_photographs(root)
    dataset = PhotoFolder(FACES, root=str(root), framing="whole")
    assert (dataset.frame(0).left, dataset.frame(0).top, dataset.frame(0).side) == (0, -20, 200)
    expected = (DRAWN[0].landmarks + torch.tensor([70.5, 50.5])) * SIZE / 200 - 0.5
    assert torch.allclose(dataset[0].landmarks, expected, atol=1e-3)


def test_large_jpegs_are_cut_in_the_same_place(root):
    """JPEG's own reduction is used for large pictures; it must move nothing."""
    rows = rows_of(root)[:3]
    for row in rows:
        picture = Image.open(root / row["image"]).resize((SIZE * 20, SIZE * 20), Image.Resampling.BICUBIC)
        row["image"] = row["image"].replace(".png", ".jpg")
        picture.save(root / row["image"], quality=95)
        for axis in "xy":
            row |= {f"{axis}_{p}": str((float(row[f"{axis}_{p}"]) + 0.5) * 20 - 0.5) for p in range(68)}
    write_rows(root / "labels.csv", rows)
    (root / "pairs.csv").unlink()
    dataset = PhotoFolder(FACES, root=str(root))
    for index in range(3):
        assert torch.allclose(dataset[index].landmarks, DRAWN[index].landmarks, atol=1e-2)
        difference = (dataset[index].image.float() - DRAWN[index].image.float()).abs()
        assert difference.mean() < 4


def test_small_faces_are_warned_of(root):
    dataset = PhotoFolder(FaceSpec(SIZE * 3, au_set("openface-17")), root=str(root))
    assert "magnified more than 2 times" in str(dataset.warnings[0])
    assert dataset[0].image.shape == (3, SIZE * 3, SIZE * 3)


def test_links_in_a_circle_end(root):
    (root / "images" / "again").symlink_to(root)
    assert len(PhotoFolder(FACES, root=str(root))) == 12


def test_many_faults_are_counted(root):
    rows = [row | {"AU12_r": "abc", "AU06_r": "7"} for row in rows_of(root)]
    write_rows(root / "labels.csv", rows * 3)
    with pytest.raises(EfganError) as raised:
        PhotoFolder(FACES, root=str(root))
    assert len(raised.value.faults) == 21
    assert str(raised.value.faults[0]) == "labels.csv:2: AU12_r: 'abc' is not a number"
    assert str(raised.value.faults[-1]) == "and 16 more"


CELL = st.one_of(
    st.floats(-10, 60).map(lambda value: f"{value:.4f}"),
    st.sampled_from(["", "nan", "inf", "-0.0", "1e3", "../a.png", "/etc", "images", "images/p0000_1.png"]),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6),
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    column=st.sampled_from(["image", "AU12_r", "AU45_r", "x_0", "y_67", "x_30", "person"]),
    cell=CELL,
)
def test_one_odd_cell_is_read_rightly_or_refused_with_its_line(root, column, cell):
    (root / "pairs.csv").unlink(missing_ok=True)
    if not (root / "sound.csv").exists():  # the folder is the same for every example
        (root / "labels.csv").rename(root / "sound.csv")
    rows = rows_of(root, "sound.csv")
    rows[2][column] = cell
    write_rows(root / "labels.csv", rows)
    try:
        dataset = PhotoFolder(FACES, root=str(root))
    except EfganError as error:
        refusal = str(error)
    else:
        refusal = ""
    if refusal:
        assert "labels.csv:4" in refusal
        return
    assert len(dataset) == 12
    face = dataset[2]
    if column.startswith("AU"):
        assert np.isclose(face.aus[FACES.aus.index(column)].item(), float(cell) / 5, atol=1e-6)
    elif column[0] in "xy":
        assert np.isclose(
            face.landmarks[int(column[2:]), "xy".index(column[0])].item(), float(cell), atol=1e-3
        )
    elif column == "person":
        assert dataset.people[2] == (cell.strip() or dataset.names[2])
    else:
        assert (root / cell.strip()).samefile(dataset.path(2))
