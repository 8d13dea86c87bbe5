"""Which pictures of a database are used, and which two make a pair."""

from pathlib import Path

import attrs
import pytest

from efgan_kit.components.datasets.cfee import GRAMMAR as CFEE
from efgan_kit.components.datasets.photos.findings import Findings
from efgan_kit.components.datasets.photos.listing import Listing
from efgan_kit.components.datasets.photos.naming import DatabaseNaming, chosen_expressions
from efgan_kit.components.datasets.rafd import GRAMMAR as RAFD
from efgan_kit.errors import EfganError


def rafd_name(person, expression, camera=90, gaze="frontal"):
    return f"Rafd{camera:03d}_{person:02d}_Caucasian_female_{expression}_{gaze}.jpg"


def rafd_naming(cameras=("90",), gazes=("frontal",), expressions=None, direction="from-neutral"):
    accepted = {"camera": frozenset(cameras), "gaze": frozenset(gazes)}
    return DatabaseNaming(RAFD, accepted, chosen_expressions(expressions, RAFD), direction, view=("camera", "gaze"))


def listing(*pictures, tables=()):
    return Listing(Path("here"), tuple(pictures), tuple(tables), frozenset())


def people(naming, *pictures):
    findings = Findings()
    return naming.people(listing(*pictures), findings), findings


ALL = [
    rafd_name(person, expression, camera, gaze)
    for person in (1, 2)
    for expression in ("angry", "neutral", "sad")
    for camera in (45, 90, 180)
    for gaze in ("left", "frontal")
]


def test_pictures_are_chosen_by_camera_gaze_and_expression():
    used, findings = people(rafd_naming(), *ALL)
    assert used == {rafd_name(p, e): f"{p:02d}" for p in (1, 2) for e in ("angry", "neutral", "sad")}
    assert findings.warnings == []
    used, _ = people(rafd_naming(["45", "90"], ["left"], ["sad"]), *ALL)
    assert sorted(used) == sorted(rafd_name(p, "sad", c, "left") for p in (1, 2) for c in (45, 90))


def test_a_pattern_without_cameras_takes_every_picture():
    naming = attrs.evolve(rafd_naming(), grammar=RAFD.named_by("(?P<person>[0-9]+)_(?P<expression>[a-z]+)$"))
    used, _ = people(naming, "a/1_angry.png", "a/2_neutral.png")
    assert used == {"a/1_angry.png": "1", "a/2_neutral.png": "2"}


def test_codes_choose_one_picture_of_each_expression():
    accepted = {"expression": frozenset(map(str, set(range(1, 27)) - {4, 17, 19, 20}))}
    naming = DatabaseNaming(CFEE, accepted, chosen_expressions(None, CFEE), "from-neutral")
    used, _ = people(naming, *(f"{code:02d}_126_{code:04d}.jpg" for code in range(1, 27)))
    assert len(used) == 22
    assert "03_126_0003.jpg" in used
    assert "04_126_0004.jpg" not in used


def test_files_of_other_names_are_left_out_with_a_warning():
    used, findings = people(rafd_naming(), rafd_name(1, "sad"), "me.jpg", "you.jpg", rafd_name(1, "bored"))
    assert list(used) == [rafd_name(1, "sad")]
    assert [str(warning) for warning in findings.warnings] == [
        "me.jpg and 1 more: is not named as RaFD's pictures are: not used",
        f"{rafd_name(1, 'bored')}: names no expression of RaFD: not used",
    ]


@pytest.mark.parametrize(
    ("naming", "pictures", "fault"),
    [
        (
            rafd_naming(),
            ["me.jpg", "you.jpg"],
            "me.jpg and 1 more: is not named as RaFD's pictures are, such as"
            " Rafd090_01_Caucasian_female_angry_frontal.jpg; give the folder as its authors send it, or say by"
            " `pattern` how the files are named",
        ),
        (
            rafd_naming(),
            [rafd_name(1, "happpy")],
            f"{rafd_name(1, 'happpy')}: names no expression of RaFD: 'happpy' is none; did you mean 'happy'?",
        ),
        (
            rafd_naming(),
            [rafd_name(1, "sad", 0), rafd_name(1, "sad", 180)],
            "here: none of RaFD's 2 pictures here is chosen: camera is 0 or 180, not 90;"
            " choose others in the recipe, or add those pictures",
        ),
        (
            rafd_naming(expressions=["happy"]),
            [rafd_name(1, "sad", gaze="left"), rafd_name(1, "neutral")],
            "here: none of RaFD's 2 pictures here is chosen: expression is neutral or sad, not happy;"
            " choose others in the recipe, or add those pictures",
        ),
        (
            rafd_naming(expressions=["happy"]),
            [rafd_name(1, "happy", gaze="left"), rafd_name(1, "neutral")],
            "here: none of RaFD's 2 pictures here is chosen: each choice fits some of them, but no picture fits"
            " all; choose others in the recipe, or add those pictures",
        ),
    ],
)
def test_a_folder_without_a_chosen_picture_is_refused(naming, pictures, fault):
    _, findings = people(naming, *pictures)
    assert [str(found) for found in findings.faults] == [fault]


def test_an_empty_folder_is_not_the_names_fault():
    assert people(rafd_naming(), *[])[1].faults == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["happy", "angri"], "expressions: 'angri' is no expression of RaFD; did you mean 'angry'?"),
        ([], "expressions: the list is empty; leave it out for all expressions"),
    ],
)
def test_expressions_are_the_databases(given, message):
    with pytest.raises(EfganError) as raised:
        chosen_expressions(given, RAFD)
    assert str(raised.value) == message


TRIPLE = [rafd_name(1, "angry"), rafd_name(1, "neutral"), rafd_name(1, "sad")]
FROM = [(TRIPLE[1], TRIPLE[0]), (TRIPLE[1], TRIPLE[2])]
TO = [(TRIPLE[0], TRIPLE[1]), (TRIPLE[2], TRIPLE[1])]


@pytest.mark.parametrize(("direction", "expected"), [("from-neutral", FROM), ("to-neutral", TO), ("both", FROM + TO)])
def test_the_neutral_face_is_paired_with_each_other_one(direction, expected):
    findings = Findings()
    assert list(rafd_naming(direction=direction).pairs(TRIPLE, findings)) == expected
    assert findings.warnings == []


def test_a_pair_is_one_person_seen_the_same_way():
    findings = Findings()
    pairs = rafd_naming(["45", "90"], ["left", "frontal"]).pairs(ALL, findings)
    read = {picture: RAFD.read(picture) for picture in ALL}
    assert len(pairs) == 2 * 2 * 3 * 2  # people, expressions, cameras, gazes
    for source, truth in pairs:
        assert (read[source].expression, read[truth].expression != "neutral") == ("neutral", True)
        assert read[source].person == read[truth].person
        assert all(read[source].said[group] == read[truth].said[group] for group in ("camera", "gaze"))


def test_of_several_neutral_pictures_the_first_is_the_source():
    naming = DatabaseNaming(CFEE, {}, chosen_expressions(None, CFEE), "from-neutral")
    labelled = ["01_126_0001.jpg", "01_126_0002.jpg", "03_126_0003.jpg", "04_126_0004.jpg"]
    assert list(naming.pairs(labelled, Findings())) == [(labelled[0], labelled[2]), (labelled[0], labelled[3])]


def test_people_without_a_neutral_picture_are_in_no_pair_and_named():
    findings = Findings()
    pictures = [rafd_name(1, "sad"), rafd_name(2, "angry"), rafd_name(2, "neutral")]
    assert list(rafd_naming().pairs(pictures, findings)) == [(pictures[2], pictures[1])]
    assert [fault.where for fault in findings.warnings] == [pictures[0]]


def test_a_listing_forgets_the_pictures_that_are_passed_over_and_their_csv_files():
    whole = listing(
        "a/one.jpg", "b/one.png", "two.jpg", "labels.png", tables=["labels.csv", "of/one.csv", "of/two.csv", "x.csv"]
    )
    part = whole.only(["b/one.png"])
    assert part.pictures == ("b/one.png",)
    assert part.tables == ("labels.csv", "of/one.csv", "x.csv")
    assert part.passed_over == {"a/one.jpg", "two.jpg", "labels.png"}
