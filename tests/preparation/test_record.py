"""What a preparation keeps is what its parts are made of again."""

import pytest

from efgan_kit.errors import EfganError
from efgan_kit.preparation import Part, Preparation


@pytest.mark.parametrize("folder", [None, "null", "3", "a: b", 'with "quotes" and ü'])
def test_a_parts_parameters_come_back_as_they_were(tmp_path, folder):
    kept = Preparation(Part("openface", {"folder": folder}, "efgan-kit 0.1.0"), Part("openface"))
    kept.write(tmp_path)
    read = Preparation.read(tmp_path)
    assert read == kept
    assert read.landmarker.component("landmarker", "preparation.json").params == {"folder": folder}


def test_a_part_that_is_gone_names_who_offered_it():
    with pytest.raises(EfganError) as caught:
        Part("crystal-ball", origin="efgan-kit-crystal 2.0").component("landmarker", "RUN/preparation.json")
    assert str(caught.value).startswith("RUN/preparation.json: no landmarker is called 'crystal-ball'")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 2}', '{"format": 1, "landmarker": 3}'])
def test_a_damaged_file_is_named(tmp_path, text):
    (tmp_path / "preparation.json").write_text(text)
    with pytest.raises(EfganError, match="is damaged"):
        Preparation.read(tmp_path)
    (tmp_path / "preparation.json").unlink()
    assert Preparation.read(tmp_path) is None
