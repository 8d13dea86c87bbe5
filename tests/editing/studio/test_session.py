"""What a visitor opens, chooses and asks for, without a server."""

from pathlib import Path

import numpy as np
import pytest
import torch

from efgan_kit.editing.studio.command import command_of
from efgan_kit.errors import EfganError


def units(session):
    target = session.wish.edited.target_aus.tolist()
    return dict(zip(session.aus.names, target, strict=True))


def test_an_example_begins_as_it_was_measured(session):
    session.open_example(0)
    assert session.name.startswith("test:")
    assert torch.equal(session.wish.edited.target_aus, session.wish.face.sample.aus)
    assert session.before().shape == (32, 32, 3)


def test_a_slider_asks_for_its_unit_and_no_other_moves(session):
    session.open_example(0)
    own = session.wish.own(session.aus)
    session.move({**{unit: round(value, 2) for unit, value in own.items()}, "AU12": 0.9})
    assert units(session) == pytest.approx({**own, "AU12": 0.9})
    assert session.wish.units == {"AU12": 0.9}
    assert (session.after() != session.before()).any()


def test_a_slider_that_is_put_back_asks_for_nothing(session):
    session.open_example(0)
    own = {unit: round(value, 2) for unit, value in session.wish.own(session.aus).items()}
    session.move({**own, "AU12": 0.9})
    session.move(own)
    assert session.wish.units == {}
    assert torch.equal(session.wish.edited.target_aus, session.wish.face.sample.aus)


def test_unknown_units_and_wild_values_do_no_harm(session):
    session.open_example(0)
    session.move({"AU99": 1, "AU12": 7, "AU06": -3})
    assert units(session)["AU12"] == 1
    assert units(session)["AU06"] == 0


@pytest.mark.parametrize(("intensity", "share"), [(0, 0), (0.5, 0.5), (1, 1)])
def test_intensity_is_the_share_of_the_change(session, intensity, share):
    session.open_example(0)
    own = session.wish.own(session.aus)["AU12"]
    session.move({"AU12": 0.9})
    session.limit(intensity=intensity)
    assert units(session)["AU12"] == pytest.approx(own + share * (0.9 - own), abs=1e-5)


def test_a_region_leaves_the_rest_alone(session):
    session.open_example(0)
    session.express("surprised")
    session.limit(intensity=2, regions=["mouth", "nowhere"])
    assert session.wish.regions == ("mouth",)
    change = (session.after() != session.before()).any(axis=2)
    mouth_top = int(session.wish.face.sample.landmarks[48:, 1].min())
    assert not change[: mouth_top - 6].any()
    assert change.any()


def test_steps_are_passes_of_a_single_ef_gan(session):
    session.open_example(0)
    session.express("happy")
    session.limit(steps=3)
    assert len(session.wish.edited.steps) == 3


def test_a_cascade_has_its_own_steps(same_weights):
    from efgan_kit.editing.studio.session import Session
    from efgan_kit.editing.studio.shared import Shared

    shared = Shared(same_weights.cascade, "cpu")
    session = Session(shared)
    session.open_example(0)
    session.limit(steps=5)
    assert session.wish.steps is None
    assert len(session.wish.edited.steps) == 3
    shared.close()


def test_a_model_by_name_finds_faces_as_its_own_preparation_says(finding_run, monkeypatch):
    from efgan_kit.editing.studio.shared import Shared

    monkeypatch.setattr("efgan_kit.training.trained.located", lambda name: finding_run)
    shared = Shared(Path("starter"), "cpu")
    assert shared.finder is not None
    assert shared.finder.preparation.landmarker.use == "drawn"
    shared.close()


def test_a_preset_and_its_reset(session):
    session.open_example(0)
    session.express("happy")
    assert units(session) == pytest.approx({"AU06": 0.7, "AU12": 0.9, "AU25": 0.5, "AU26": 0}, abs=0.006)
    session.reset()
    assert torch.equal(session.wish.edited.target_aus, session.wish.face.sample.aus)


def test_another_face_lends_its_expression(session, shared):
    session.open_example(0)
    other = shared.example(1).faces[0]
    session.resemble(other)
    assert session.wish.edited.target_aus == pytest.approx(other.sample.aus, abs=0.006)


def test_a_photo_is_opened_at_its_own_resolution(session, photos):
    session.open_file(photos / "one.png", "anna.png")
    assert session.name == "anna.png"
    assert session.before().shape == (256, 256, 3)
    assert units(session)["AU12"] == pytest.approx(0.2)
    session.express("happy")
    assert (session.after() != session.before()).any()


def test_edits_of_several_faces_stay(session, photos):
    session.open_file(photos / "three.png")
    assert [face.number for face in session.found] == [1, 2, 3]
    session.choose(1)
    session.move({"AU12": 1.0})
    session.choose(3)
    assert session.wish.units == {}
    session.move({"AU12": 1.0, "AU26": 1.0})
    change = (session.after() != session.before()).any(axis=(0, 2))
    left, middle, right = (change[at : at + 256].mean() for at in (0, 256, 512))
    assert left > 0.2
    assert right > 0.2
    assert middle < 0.2
    session.choose(1)
    assert session.wish.units == {"AU12": 1.0}


@pytest.mark.parametrize(
    ("file", "what"), [("nobody.png", "no face"), ("broken.png", "is not a readable picture"), ("none.png", "no such")]
)
def test_what_can_not_be_opened_leaves_the_session_as_it_was(session, photos, file, what):
    session.open_example(0)
    session.express("happy")
    before, turn = session.name, session.turn
    with pytest.raises(EfganError, match=what) as raised:
        session.open_file(photos / file, "anna.jpg")
    assert str(photos) not in str(raised.value)
    assert (session.name, session.turn) == (before, turn)
    assert session.wish.units


def test_without_a_picture_nothing_can_be_asked(session):
    with pytest.raises(EfganError, match="no picture yet"):
        session.move({"AU12": 1})


def test_the_command_makes_the_same_edit(session, shared, efgan, tmp_path):
    """Run, and compared pixel by pixel with what the page shows."""
    from PIL import Image

    session.open_example(1)
    session.move({"AU12": 0.83, "AU26": 0.31})
    session.limit(intensity=1.5, regions=["mouth"], steps=2)
    words = command_of(session).split()
    assert words[:2] == ["efgan", "edit"]
    answer = efgan(*words[1:-1], tmp_path / "edited.png")
    assert answer.code == 0, answer.err
    assert np.array_equal(np.asarray(Image.open(tmp_path / "edited.png")), session.after())


def test_the_command_names_presets_and_faces(session, photos):
    session.open_file(photos / "three.png", "the party.png")
    session.choose(2)
    session.express("happy")
    command = command_of(session)
    assert "'the party.png'" in command
    assert "--expression happy" in command
    assert "--faces 2" in command
