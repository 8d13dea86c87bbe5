"""What the page answers; with gradio, without its server."""

import pytest

from efgan_kit.errors import EfganError, Fault

gradio = pytest.importorskip("gradio")

from efgan_kit.editing.studio import answers, page  # noqa: E402


@pytest.mark.parametrize(
    ("fault", "read"),
    [
        (Fault("a.jpg", "is not a readable picture: no"), "a.jpg is not a readable picture: no."),
        (Fault("a.jpg", "no face was found in it", "come nearer"), "No face was found in it; come nearer."),
        (Fault("", "the face is small"), "The face is small."),
    ],
)
def test_a_fault_is_a_sentence(fault, read):
    assert answers.sentence(fault) == read


def test_what_nobody_foresaw_is_told_without_its_traceback(capsys):
    def breaks():
        raise ZeroDivisionError("secret")

    assert answers.tried(breaks) == answers.OUR_FAULT
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_what_is_the_visitors_to_mend_leaves_the_log_alone(capsys):
    def refuses():
        raise EfganError(Fault("", "no"))

    assert answers.tried(refuses) == "No."
    assert capsys.readouterr().err == ""


def test_the_page_fetches_no_font_and_counts_nobody(shared):
    parts = page.lay_out(shared, local=True)
    assert not parts.page.analytics_enabled
    assert "http" not in "".join(page.theme()._stylesheets)
    assert not any(word in page.head() for word in ("http:", "https:", "//cdn", "@import"))


def test_dropped_bytes_are_not_decoded_before_the_session_looks(shared):
    from gradio.data_classes import ImageData

    parts = page.lay_out(shared, local=True)
    for drop in (parts.photo, parts.like):
        assert drop.preprocess(ImageData(path="/nowhere/x.jpg", orig_name="x.jpg")) == ("/nowhere/x.jpg", "x.jpg")
        assert drop.preprocess(None) is None


def test_gradio_writes_nothing_beside_our_modules():
    assert not list(page.LOOKS.parent.glob("*.pyi"))
