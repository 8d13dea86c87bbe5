"""Where faces come from is said in the card, for every data set of a mixture, with what their owners ask for."""

from efgan_kit.editing.export.sources import data_of
from efgan_kit.recipe import load_recipe


def data(text, *attribution):
    recipe = load_recipe("quickstart", overrides=[f"data.train={text}"])
    return data_of(recipe, attribution)


def test_drawn_faces_owe_nothing_and_are_counted():
    found = data("{use: drawn-faces, people: 3, expressions: 4}")
    assert "drawn by code" in found.described
    assert found.described.endswith("In all, 12 faces of 3 people.")
    assert found.attribution == ()


def test_a_photo_folder_is_named_without_the_path_to_it():
    found = data("{use: photo-folder, root: /home/someone/secret/london}", "Faces by A. Painter, CC BY 4.0.")
    assert "folder 'london'" in found.described
    assert "someone" not in found.licence
    assert found.attribution == ("Faces by A. Painter, CC BY 4.0.",)
    assert found.licence.endswith("Faces by A. Painter, CC BY 4.0.")


def test_every_part_of_a_mixture_is_told_with_what_is_owed():
    parts = "drawn: {use: drawn-faces, people: 2}, real: {use: rafd, root: /nowhere}"
    found = data(f"{{use: mixed, parts: {{{parts}}}}}")
    assert "drawn by code" in found.described
    assert "Radboud Faces Database" in found.described
    assert "Langner" in found.attribution[0]
