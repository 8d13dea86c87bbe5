"""The parts of the page as HTML, and the pictures they ask for."""

import io
import re

import attrs
import numpy as np
import pytest
from PIL import Image

from efgan_kit.api import au_set
from efgan_kit.editing.studio import drawing, markup, pictures
from efgan_kit.editing.studio.words import PARTS, PLAIN, parts_of
from efgan_kit.faces.aus import DESCRIPTIONS, EXPRESSIONS

EVIL = "<script>alert(1)</script>.png"


def test_every_unit_is_in_one_part_of_the_face_with_a_plain_name():
    placed = [unit for units in PARTS.values() for unit in units]
    assert sorted(placed) == sorted(DESCRIPTIONS)
    assert set(PLAIN) == set(DESCRIPTIONS)
    assert dict(parts_of(au_set(["AU12", "AU45"]))) == {"Eyes": ("AU45",), "Mouth": ("AU12",)}


def test_a_slider_for_each_unit_from_its_measured_value(session, photos):
    session.open_file(photos / "one.png")
    session.move({"AU12": 0.75})
    html = markup.board(session)
    assert re.findall(r'name="(AU\d+)"', html) == ["AU06", "AU12", "AU25", "AU26"]
    assert re.search(r'name="AU12"[^>]* value="0.75"', html)
    assert 'data-own="0.20"' in html
    for unit in session.aus.names:
        assert f'<label for="slider-{unit}">' in html
        assert f'id="slider-{unit}"' in html


PARTS_OF_THE_PAGE = ["board", "limits", "stage", "takeaway", "faces", "inside", "examples", "presets", "command"]


@pytest.mark.parametrize("part", PARTS_OF_THE_PAGE)
def test_every_part_stands_before_a_picture_is_opened(session, part):
    getattr(markup, part)(session)


def test_no_file_name_becomes_markup(session, photos):
    session.open_file(photos / "three.png", EVIL)
    for part in (markup.stage, markup.takeaway, markup.faces, markup.command):
        assert "<script" not in part(session)


def test_several_faces_are_numbered_on_the_photo(session, photos):
    session.open_file(photos / "one.png")
    assert markup.faces(session) == ""
    session.open_file(photos / "three.png")
    html = markup.faces(session)
    assert re.findall(r'data-pick="(\d)"', html) == ["1", "2", "3"]
    assert html.count('aria-pressed="true"') == 1


def test_why_nothing_changes_is_said(session):
    session.open_example(0)
    assert "move a slider" in markup.stage(session)
    session.express("happy")
    session.limit(intensity=0)
    assert "As it is" in markup.stage(session)
    session.limit(intensity=1)
    session.wish.edited = attrs.evolve(session.wish.edited, unseen="the run copies its input")
    assert "Nothing visible changes: the run copies its input." in markup.stage(session)


def test_a_photo_in_a_run_of_drawn_faces_is_called_a_try(session, photos):
    session.open_example(0)
    assert "trained on drawn faces" not in markup.takeaway(session)
    session.open_file(photos / "one.png")
    assert "trained on drawn faces" in markup.takeaway(session)


def test_every_picture_that_the_page_asks_for_is_there(session):
    session.open_example(0)
    session.express("happy")
    session.limit(steps=2)
    html = "".join(part(session) for part in (markup.stage, markup.takeaway, markup.inside))
    asked = set(re.findall(rf"studio/pictures/{session.key}/([\w.-]+)", html))
    assert asked == {"before", "after", "edited.png", "way.gif", "step-1", "step-2", "attention"}
    for what in asked:
        content, kind = pictures.shown(session, what)
        assert Image.open(io.BytesIO(content)).get_format_mimetype() == kind, what
    assert pictures.shown(session, "step-3") is None
    assert pictures.shown(session, "../../etc/passwd") is None


def test_the_download_says_that_the_face_was_edited(session, photos):
    session.open_file(photos / "one.png")
    session.express("happy")
    content, _ = pictures.shown(session, "edited.png")
    image = Image.open(io.BytesIO(content))
    assert image.size == (256, 256)
    assert "efgan_kit" in image.info["Software"]
    assert "compositeWithTrainedAlgorithmicMedia" in image.info["XML:com.adobe.xmp"]
    assert (image.convert("RGB").tobytes()) == session.after().tobytes()


def test_the_way_goes_from_the_face_to_its_edit(session):
    session.open_example(0)
    session.express("happy")
    content, _ = pictures.shown(session, "way.gif")
    image = Image.open(io.BytesIO(content))
    assert image.n_frames > 2
    assert b"face edited with efgan_kit" in content


@pytest.mark.parametrize("unit", ["AU01", "AU12", "AU17", "AU45"])
def test_a_drawing_shows_the_unit_growing_where_it_moves(unit):
    content = drawing.unit_drawing(unit)
    strip = np.asarray(Image.open(io.BytesIO(content)).convert("L")).astype(float)
    assert strip.shape == (drawing.SIDE, drawing.SIDE * drawing.FRAMES)
    assert len(content) < 8000
    frames = np.split(strip, drawing.FRAMES, axis=1)
    change = [float(np.abs(frame - frames[0]).mean()) for frame in frames]
    assert change == sorted(change)
    assert change[-1] > 2


def test_every_expression_has_a_drawing_of_its_own():
    assert len({drawing.drawing_of(name) for name in EXPRESSIONS}) == len(EXPRESSIONS)
