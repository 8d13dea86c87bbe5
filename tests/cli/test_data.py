"""`efgan data`: a sound folder is described; an unsound one is refused with every fault in its place."""

import csv
import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from efgan_kit.cli import cli
from efgan_kit.cli.errors import guarded

PEOPLE, EXPRESSIONS = 4, 2
FIRST = "images/p0000_0.png"


@pytest.fixture(scope="session")
def drawn(tmp_path_factory):
    root = tmp_path_factory.mktemp("drawn") / "photos"
    arguments = ["--people", str(PEOPLE), "--expressions", str(EXPRESSIONS), "--size", "64"]
    assert guarded(cli, ["data", "draw", "--out", str(root), *arguments]) == 0
    return root


@pytest.fixture
def root(drawn, tmp_path, monkeypatch):
    monkeypatch.setenv("EFGAN_CACHE_DIR", str(tmp_path / "cache"))
    shutil.copytree(drawn, tmp_path / "photos")
    return tmp_path / "photos"


def rows_of(root):
    with (root / "labels.csv").open(newline="") as file:
        return list(csv.reader(file))


def write_rows(root, rows):
    with (root / "labels.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)


def cell(column, value, line=3):
    """A folder whose labels.csv has another value in one cell."""

    def damage(root):
        rows = rows_of(root)
        rows[line - 1][rows[0].index(column)] = value
        write_rows(root, rows)

    return damage


def renamed(column, name):
    def damage(root):
        rows = rows_of(root)
        rows[0][rows[0].index(column)] = name
        write_rows(root, rows)

    return damage


def labels(data):
    """A folder whose labels.csv holds these bytes, or what a function makes of those it had."""

    def damage(root):
        file = root / "labels.csv"
        file.write_bytes(data(file.read_bytes()) if callable(data) else data)

    return damage


def line(change, number=3):
    def damage(root):
        rows = rows_of(root)
        rows[number - 1] = change(rows[number - 1])
        write_rows(root, rows)

    return damage


def points(change, lines=slice(1, None)):
    """A folder whose landmarks are other numbers: `change` gets each as a float."""

    def damage(root):
        rows = rows_of(root)
        places = [i for i, name in enumerate(rows[0]) if name[:2] in ("x_", "y_")]
        for row in rows[lines]:
            for place in places:
                row[place] = str(change(float(row[place])))
        write_rows(root, rows)

    return damage


def image(data):
    def damage(root):
        file = root / FIRST
        file.write_bytes(data(file.read_bytes()) if callable(data) else data)

    return damage


def pairs(text):
    return lambda root: (root / "pairs.csv").write_text(text)


def no_pictures(root):
    shutil.rmtree(root / "images")
    (root / "labels.csv").unlink()


def folder_in_place_of(name):
    def damage(root):
        (root / name).unlink()
        (root / name).mkdir()

    return damage


def huge_picture(root):
    Image.new("1", (9001, 9001)).save(root / FIRST)


def renamed_picture(root):
    (root / FIRST).rename(root / "images" / "P0000_0.jpeg")


def every_face_doubted(root):
    rows = rows_of(root)
    write_rows(root, [[*rows[0], "confidence"], *([*row, "0.1"] for row in rows[1:])])


def openface_file(name, header):
    def damage(root):
        (root / "labels.csv").unlink()
        (root / "pairs.csv").unlink()
        (root / name).write_text(f"{header}\n")

    return damage


def two_pictures_of_one_name(root):
    openface_file("p0000_0.csv", "face, confidence, x_0")(root)
    (root / "more").mkdir()
    shutil.copy(root / FIRST, root / "more")


MALFORMED = {
    "no pictures": (no_pictures, ["there are no pictures in the folder"]),
    "no labels": (
        lambda root: (root / "labels.csv").unlink(),
        ["the folder has no labels", "FaceLandmarkImg"],
    ),
    "labels are a folder": (folder_in_place_of("labels.csv"), ["labels.csv: is a folder"]),
    "empty labels": (labels(b""), ["labels.csv: the file is empty"]),
    "header alone": (labels(lambda data: data.splitlines()[0]), ["labels.csv: names no images"]),
    "binary labels": (labels(b"\x7fELF\0\0\1"), ["labels.csv: is not a CSV file"]),
    "UTF-16": (labels(lambda data: data.decode().encode("utf-16")), ["labels.csv: is encoded as UTF-16"]),
    "Latin-1": (
        labels(lambda data: data.replace(b"p0001", b"p\xe9001")),
        ["labels.csv:4: is not UTF-8 text; save the file as UTF-8"],
    ),
    "semicolons": (
        labels(lambda data: data.replace(b",", b";")),
        ["labels.csv:1:", "separate them by commas"],
    ),
    "open quote": (
        labels(lambda data: data.replace(b"images/p0002_0", b'"images')),
        ["labels.csv:6: not a readable CSV line"],
    ),
    "endless cell": (labels(lambda data: data + b"x" * 200_000), ["labels.csv:10: not a readable CSV line"]),
    "no image column": (renamed("image", "file"), ["labels.csv:1: there is no column 'image'"]),
    "no AU12": (renamed("AU12_r", "AU12_c"), ["labels.csv:1: there is no column AU12_r; ", "-aus"]),
    "no AUs": (
        labels(lambda data: data.replace(b"_r,", b"_c,")),
        ["no column AU01_r, AU02_r, AU04_r, AU05_r"],
    ),
    "no landmark 30": (renamed("x_30", "X_30"), ["labels.csv:1: there is no column x_30; ", "-2Dfp"]),
    "a column twice": (renamed("AU12_r", "AU01_r"), ["the column 'AU01_r' is there twice"]),
    "a word for a number": (cell("AU12_r", "abc"), ["labels.csv:3: AU12_r: 'abc' is not a number"]),
    "an empty cell": (cell("x_4", ""), ["labels.csv:3: x_4: the cell is empty"]),
    "a comma for a point": (cell("x_4", "1,5"), ["labels.csv:3: x_4: '1,5' is not a number"]),
    "NaN": (cell("y_60", "nan"), ["labels.csv:3: y_60: 'nan' is not a finite number"]),
    "infinity": (cell("AU45_r", "inf"), ["labels.csv:3: AU45_r: 'inf' is not a finite number"]),
    "AU above 5": (cell("AU06_r", "6.25"), ["labels.csv:3: AU06_r: 6.25 is outside 0..5"]),
    "AU below 0": (cell("AU06_r", "-0.5"), ["labels.csv:3: AU06_r: -0.5 is outside 0..5"]),
    "a short line": (
        line(lambda row: row[:-2]),
        ["labels.csv:3: 153 cells, but the header names 155 columns"],
    ),
    "a long line": (line(lambda row: [*row, "1"]), ["labels.csv:3: 156 cells, but the header names 155"]),
    "a picture twice": (
        cell("image", FIRST),
        [f"labels.csv:3: image: '{FIRST}' is there twice; it has its labels at labels.csv:2"],
    ),
    "out of the folder": (
        cell("image", "../x.png"),
        ["labels.csv:3: image: '../x.png' leads out of the folder"],
    ),
    "out by a detour": (cell("image", "images/../../x"), ["labels.csv:3: image:", "leads out of the folder"]),
    "an absolute path": (cell("image", "/data/x.png"), ["labels.csv:3: image: '/data/x.png' is an absolute"]),
    "a Windows path": (cell("image", "C:\\x.png"), ["labels.csv:3: image:", "is an absolute path"]),
    "no picture named": (cell("image", ""), ["labels.csv:3: image: the cell is empty"]),
    "a name too long": (cell("image", "x" * 5000), ["labels.csv:3: image: there is no picture"]),
    "a picture missing": (
        renamed_picture,
        [f"labels.csv:2: image: there is no picture '{FIRST}'", "did you mean 'images/P0000_0.jpeg'?"],
    ),
    "a folder for a picture": (folder_in_place_of(FIRST), [f"labels.csv:2: image: '{FIRST}' is a folder"]),
    "an empty picture": (image(b""), [f"{FIRST}: is not a readable picture"]),
    "a truncated picture": (image(lambda data: data[:700]), [f"{FIRST}: is not a readable picture"]),
    "text for a picture": (
        image(b"not found"),
        [f"{FIRST}: is not a readable picture: the format is not known"],
    ),
    "a huge picture": (huge_picture, [f"{FIRST}: has more than 80 megapixels"]),
    "landmarks outside": (
        points(lambda value: value - 80, slice(1, 2)),
        [f"labels.csv:2: 68 of the 68 landmarks lie outside {FIRST}, which has 64x64 pixels"],
    ),
    "landmarks too large": (
        points(lambda value: 4 * value),
        ["labels.csv:2:", "beyond the pictures", "times too l"],
    ),
    "landmarks too small": (points(lambda value: value / 4), ["labels.csv:2:", "crammed", "times too small"]),
    "landmarks collapsed": (
        points(lambda value: 20, slice(4, 5)),
        ["labels.csv:5: the landmarks of images/p0001_1.png collapse: they span 0.0 pixels"],
    ),
    "nobody trusted": (every_face_doubted, ["OpenFace is confident of none of the 8 faces"]),
    "pairs of unknown pictures": (
        pairs(f"source,truth\n{FIRST},images/other.png\n"),
        ["pairs.csv:2: truth: 'images/other.png' is not among the labelled pictures"],
    ),
    "a pair of two people": (
        pairs(f"source,truth\n{FIRST},images/p0003_1.png\n"),
        [f"pairs.csv:2: {FIRST} is of p0000, images/p0003_1.png of p0003"],
    ),
    "pairs without columns": (
        pairs("a,b\n1,2\n"),
        ["pairs.csv:1: there is no column source and no column truth"],
    ),
    "empty pairs": (pairs(""), ["pairs.csv: the file is empty"]),
    "a video's labels": (
        openface_file("video.csv", "frame, timestamp, confidence, success, x_0"),
        ["video.csv: holds the frames of a video"],
    ),
    "labels of no picture": (
        openface_file("other.csv", "face, confidence, x_0"),
        ["other.csv: there is no picture other.*"],
    ),
    "two pictures of one name": (two_pictures_of_one_name, [f"{FIRST} and more/p0000_0.png both fit"]),
}


def files_below(folder):
    return {path: path.is_file() and path.read_bytes() for path in folder.rglob("*")}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_folders_are_refused(root, capsys, name):
    damage, expected = MALFORMED[name]
    damage(root)
    before = files_below(root)
    assert guarded(cli, ["data", "check", str(root)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Traceback" not in printed.err
    for words in expected:
        assert words in printed.err
    assert files_below(root) == before


@pytest.mark.parametrize("name", ["a word for a number", "a truncated picture", "a pair of two people"])
def test_preview_refuses_them_too_and_writes_nothing(root, tmp_path, capsys, name):
    MALFORMED[name][0](root)
    assert guarded(cli, ["data", "preview", str(root), "--out", str(tmp_path / "sheet.png")]) == 2
    assert MALFORMED[name][1][0] in capsys.readouterr().err
    assert not (tmp_path / "sheet.png").exists()


@pytest.mark.parametrize("name", ["a word for a number", "binary labels"])
def test_the_program_itself_exits_with_2_and_no_traceback(root, name):
    MALFORMED[name][0](root)
    program = [
        sys.executable,
        "-c",
        "from efgan_kit.cli import main; main()",
        "data",
        "check",
        str(root),
        "--json",
    ]
    done = subprocess.run(program, capture_output=True, text=True, check=False, env=os.environ)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert MALFORMED[name][1][0] in done.stderr


def test_faults_are_told_all_at_once(root, capsys):
    for name in ("a word for a number", "a truncated picture", "a pair of two people"):
        MALFORMED[name][0](root)
    cell("AU45_r", "7", line=5)(root)
    cell("image", "images/other.png", line=6)(root)
    assert guarded(cli, ["data", "check", str(root)]) == 2
    told = capsys.readouterr().err
    for place in (
        "labels.csv:3: AU12_r",
        FIRST,
        "labels.csv:5: AU45_r",
        "labels.csv:6: image",
        "pairs.csv:2",
    ):
        assert place in told


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("nowhere", "there is no such folder"),
        ("photos/labels.csv", "is a file, not a folder; give its folder"),
    ],
)
def test_what_is_no_folder_is_refused(root, tmp_path, capsys, path, told):
    assert guarded(cli, ["data", "check", str(tmp_path / path)]) == 2
    assert told in capsys.readouterr().err


def test_folders_that_may_not_be_read_are_named(root, capsys, monkeypatch):
    """Simulated: whoever runs the tests may be allowed everything."""

    def scandir(path):
        if str(path).endswith("images"):
            raise PermissionError(13, "Permission denied", str(path))
        return original(path)

    original = os.scandir
    monkeypatch.setattr(os, "scandir", scandir)
    assert guarded(cli, ["data", "check", str(root)]) == 2
    assert f"{root / 'images'}: the folder cannot be read: Permission denied" in capsys.readouterr().err


def test_check_describes_a_folder(root, capsys):
    rows = rows_of(root)
    units = [i for i, name in enumerate(rows[0]) if name.endswith("_r")]
    for number, row in enumerate(rows[1:]):
        for unit in units:
            row[unit] = "2.5" if number < 2 else "0"
    write_rows(root, rows)
    assert guarded(cli, ["data", "check", str(root), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["faces"], report["people"], report["pairs"], report["framing"]) == (8, 4, 8, "whole")
    assert report["split"]["train"]["people"] + report["split"]["test"]["people"] == 4
    assert report["split"]["test"]["faces"] == 2 * report["split"]["test"]["people"]
    assert report["aus"]["AU12"] == {"mean": 0.125, "share_above_0.2": 0.25}
    assert report["warnings"] == []
    assert guarded(cli, ["data", "check", str(root)]) == 0
    text = capsys.readouterr().out
    assert "8 faces of 4 people, 8 pairs" in text
    assert "lip corner puller" in text


def test_check_warns_without_refusing(root, capsys):
    rows = rows_of(root)
    units = [i for i, name in enumerate(rows[0]) if name.endswith("_r")]
    for row in rows[1:]:
        for unit in units:
            row[unit] = str(float(row[unit]) / 5)
    write_rows(root, [[*rows[0], "success"], *([*row, str(int(i > 0))] for i, row in enumerate(rows[1:]))])
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(root / "extra.png")
    (root / "pairs.csv").unlink()
    assert guarded(cli, ["data", "check", str(root), "--json"]) == 0
    printed = capsys.readouterr()
    told = "\n".join(json.loads(printed.out)["warnings"])
    assert f"{FIRST}: dropped" in told
    assert "extra.png: has no labels" in told
    assert "OpenFace's intensities are 0..5: multiply by 5" in told
    assert printed.err == ""


def test_drawing_is_repeatable_and_overwrites_nothing(drawn, tmp_path, capsys):
    arguments = ["--people", str(PEOPLE), "--expressions", str(EXPRESSIONS), "--size", "64"]
    out = tmp_path / "again"
    out.mkdir()
    assert guarded(cli, ["data", "draw", "--out", str(out), *arguments]) == 0
    assert "8 faces of 4 people, 8 pairs" in capsys.readouterr().out
    assert [f.read_bytes() for f in sorted(out.rglob("*.*"))] == [
        f.read_bytes() for f in sorted(drawn.rglob("*.*"))
    ]
    before = files_below(out)
    assert guarded(cli, ["data", "draw", "--out", str(out), "--seed", "1", *arguments]) == 2
    assert "is not empty" in capsys.readouterr().err
    assert files_below(out) == before


@pytest.mark.parametrize("options", [["--people", "0"], ["--size", "3"], ["--expressions", "-1"], []])
def test_drawing_checks_its_options(tmp_path, options):
    out = ["--out", str(tmp_path / "out")] if options else []
    assert guarded(cli, ["data", "draw", *out, *options]) == 2
    assert not (tmp_path / "out").exists()


def test_preview_shows_the_faces_asked_for(root, tmp_path, capsys):
    out = tmp_path / "sheet.png"
    assert guarded(cli, ["data", "preview", str(root), "--out", str(out), "--count", "5"]) == 0
    assert "5 of 8 faces, framing whole" in capsys.readouterr().out
    assert Image.open(out).width > 5 * 256


@pytest.mark.parametrize(
    ("name", "told"), [(".", "is a folder"), ("no/a.png", "there is no folder"), ("a.jpg", "PNG")]
)
def test_preview_refuses_bad_places_for_its_sheet(root, tmp_path, capsys, name, told):
    assert guarded(cli, ["data", "preview", str(root), "--out", str(tmp_path / name)]) == 2
    assert told in capsys.readouterr().err


def test_draw_writes_the_faces_of_any_data_set(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("EFGAN_CACHE_DIR", str(tmp_path / "cache"))
    parts = "{one: {use: drawn-faces, people: 1, expressions: 2}, two: {use: drawn-faces, people: 2, expressions: 1}}"
    out = tmp_path / "set"
    arguments = ["--out", str(out), "--size", "32", "--dataset", "mixed", "-o", f"parts={parts}"]
    assert guarded(cli, ["data", "draw", *arguments]) == 0
    assert "4 faces of 3 people, 2 pairs" in capsys.readouterr().out
    assert (out / "images/one/p0000_1.png").exists()
    assert guarded(cli, ["data", "check", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["faces"] == 4


def test_draw_says_what_a_data_set_has_not(tmp_path, capsys):
    assert guarded(cli, ["data", "draw", "--out", str(tmp_path / "set"), "-o", "peeple=3"]) == 2
    said = capsys.readouterr().err
    assert "-o peeple=3" in said
    assert "did you mean 'people'" in said
    assert not (tmp_path / "set").exists()
