from pathlib import Path

import pytest
import torch

from efgan_kit import load_recipe
from efgan_kit.api import EfganError, FaceDataset, FaceSpec, Maker, au_set
from efgan_kit.components.datasets.drawing.photo_folder_writer import write_photo_folder
from efgan_kit.components.datasets.drawn_faces import DrawnFaces
from efgan_kit.components.datasets.mixed import Mixed
from efgan_kit.components.datasets.photo_folder import PhotoFolder
from efgan_kit.recipe import build_dataset
from efgan_kit.training.batches import BatchPlan, assemble

FACES = FaceSpec(32, au_set("openface-17"))
ONE = Maker(DrawnFaces, {"people": 3, "expressions": 4})
TWO = Maker(DrawnFaces, {"people": 2, "expressions": 2, "seed": 1})
SINGLE = Maker(DrawnFaces, {"people": 5, "expressions": 1, "seed": 2})


def test_it_is_its_parts_one_after_the_other():
    mixed = Mixed(FACES, parts={"one": ONE, "two": TWO})
    assert isinstance(mixed, FaceDataset)
    assert len(mixed) == len(mixed.names) == len(set(mixed.names)) == len(mixed.people) == 12 + 4
    assert (mixed.names[0], mixed.names[12], mixed.people[12]) == ("one/p0000_0", "two/p0000_0", "two/p0000")
    assert mixed.pairs[-2:] == [(14, 15), (15, 14)]
    assert torch.equal(mixed[13].image, DrawnFaces(FACES, people=2, expressions=2, seed=1)[1].image)


def test_people_of_the_same_name_in_two_parts_are_two_people():
    mixed = Mixed(FACES, parts={"one": ONE, "again": ONE})
    assert len(set(mixed.people)) == 6
    assert all(mixed.people[source] == mixed.people[truth] for source, truth in mixed.pairs)


def test_shares_repeat_the_smaller_part_until_its_share_is_reached():
    mixed = Mixed(FACES, parts={"one": ONE, "two": TWO}, shares={"one": 1, "two": 1})
    assert [name.split("/")[0] for name in mixed.names].count("two") == 12
    assert len(set(mixed.names)) == 24
    assert mixed.people[16] == "two/p0000~2"
    assert len(mixed.pairs) == 12 + 4, "a pair is measured once"


def test_a_share_that_does_not_come_out_even_keeps_people_whole():
    mixed = Mixed(FACES, parts={"one": ONE, "two": TWO}, shares={"one": 2, "two": 1})
    assert [name for name in mixed.names if name.startswith("two/")] == [
        "two/p0000_0", "two/p0000_1", "two/p0001_0", "two/p0001_1", "two/p0000_0~2", "two/p0000_1~2",
    ]  # fmt: skip


def test_the_truth_is_the_parts_own():
    mixed = Mixed(FACES, parts={"one": ONE, "two": TWO})
    for source, truth in mixed.pairs[-2:]:
        assert torch.equal(mixed.truth(source, mixed[truth].aus).image, mixed[truth].image)


def test_photographs_have_no_truth_under_other_aus(tmp_path):
    write_photo_folder(SINGLE(faces=FACES), tmp_path / "photos")
    mixed = Mixed(FACES, parts={"real": Maker(PhotoFolder, {"root": str(tmp_path / "photos")}), "two": TWO})
    assert mixed.names[0].startswith("real/images/")
    with pytest.raises(EfganError, match="'real': can't show its faces under other AUs"):
        mixed.truth(0, torch.zeros(17))


def test_faces_lie_on_disk_once_read_where_those_of_all_parts_do(tmp_path):
    write_photo_folder(DrawnFaces(FACES, people=2, expressions=1), tmp_path)
    kept, decoded = (Maker(PhotoFolder, {"root": str(tmp_path), "cache_gb": gb}) for gb in (1.0, 0.0))
    assert Mixed(FACES, parts={"one": ONE, "photos": kept}).keeps_faces
    assert not Mixed(FACES, parts={"one": ONE, "photos": decoded}).keeps_faces


def test_batches_pair_where_a_person_has_another_picture_and_nowhere_else():
    mixed = Mixed(FACES, parts={"single": SINGLE, "one": ONE})
    plan = BatchPlan(mixed.people, batch_size=4, seed=0, paired=1.0)
    draws = [draw for batch in range(40) for draw in plan[batch]]
    assert {draw.paired for draw in draws if draw.source < 5} == {False}
    assert {draw.paired for draw in draws if draw.source >= 5} == {True}
    assert all(mixed.people[draw.source] == mixed.people[draw.target] for draw in draws if draw.paired)
    assert any(draw.target >= 5 for draw in draws if draw.source < 5), "targets come from every part"
    batch = assemble(mixed, plan[0], 0.1)
    assert batch["source"].shape == (4, 3, 32, 32)


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        ({"one": 1, "tow": 1}, "shares.tow: there is no such part; did you mean 'two'"),
        ({"one": 1}, "shares.two: is missing"),
        ({"one": 1, "two": 0}, "shares.two: 0 is not above 0"),
    ],
)
def test_shares_that_fit_no_part_are_refused(shares, words):
    with pytest.raises(EfganError) as error:
        Mixed(FACES, parts={"one": ONE, "two": TWO}, shares=shares)
    assert words in str(error.value)


def test_no_parts_are_refused():
    with pytest.raises(EfganError, match="there are none"):
        Mixed(FACES, parts={})


def recipe_file(folder: Path, parts: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(f"recipe: 1\nname: mine\nextends: quickstart\ndata:\n  train:\n    use: mixed\n    parts:\n{parts}")
    return path


def test_a_recipe_nests_data_sets(tmp_path):
    parts = (
        "      drawn: {use: drawn-faces, people: 2}\n"
        "      more: {use: mixed, parts: {in: {use: drawn-faces, people: 1, seed: 3}}}\n"
    )
    recipe = load_recipe(recipe_file(tmp_path, parts), ["data.train.parts.drawn.people=3"])
    faces = build_dataset(recipe, "train")
    assert len(faces) == 3 * 8 + 8
    assert faces.names[-1] == "more/in/p0000_7"


def test_faults_in_the_parts_are_named_by_their_place(tmp_path):
    parts = (
        "      drawn: {use: drawn-faces, peple: 2}\n"
        "      other: {use: drawn-face}\n"
        "      real: {use: photo-folder}\n"
        "      text: drawn-faces\n"
    )
    with pytest.raises(EfganError) as error:
        load_recipe(recipe_file(tmp_path, parts))
    said = str(error.value)
    assert "mine.yaml:8:33: data.train.parts.drawn.peple" in said
    assert "mine.yaml:9:20: data.train.parts.other" in said
    assert "did you mean 'drawn-faces'" in said
    assert "mine.yaml:10:19: data.train.parts.real: 'photo-folder' needs a value for 'root'" in said
    assert "mine.yaml:11:13: data.train.parts.text" in said


def test_the_preparation_is_that_of_the_part_which_was_prepared(tmp_path):
    write_photo_folder(DrawnFaces(FACES, people=3, expressions=2), tmp_path)
    photographs = Maker(PhotoFolder, {"root": str(tmp_path)})
    assert Mixed(FACES, parts={"one": ONE, "real": photographs}).preparation is None
    (tmp_path / "preparation.json").write_text("{}")
    assert Mixed(FACES, parts={"one": ONE, "real": photographs}).preparation == tmp_path / "preparation.json"
