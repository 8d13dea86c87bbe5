"""A package is written whole or not at all, and over nothing."""

import os
import tomllib
from datetime import date
from pathlib import Path

import pytest

from efgan_kit.errors import EfganError
from efgan_kit.scaffold.package import NOBODY, plan, write


@pytest.fixture
def package():
    return plan("efgan-kit-moonlight", "loss", "Ada Byron")


def below(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_every_planned_file_is_written_and_no_other(package, tmp_path):
    files = write(package, tmp_path / "a" / "b")
    assert below(tmp_path) == sorted(f"a/b/{path}" for path in package.files)
    assert files == [tmp_path / "a" / "b" / path for path in package.files]
    assert [file.read_text(encoding="utf-8") for file in files] == list(package.files.values())


def test_folders_are_made_as_any_other(package, tmp_path):
    write(package, tmp_path / "moon")
    (tmp_path / "usual").mkdir()
    assert (tmp_path / "moon").stat().st_mode == (tmp_path / "usual").stat().st_mode


@pytest.mark.parametrize("kind", ["folder", "empty", "file", "link"])
def test_nothing_is_overwritten(package, tmp_path, kind):
    target = tmp_path / "moon"
    if kind in ("folder", "empty"):
        target.mkdir()
    if kind == "folder":
        (target / "mine.txt").write_text("mine")
    if kind == "file":
        target.write_text("mine")
    if kind == "link":
        target.symlink_to(tmp_path / "nowhere")
    before = below(tmp_path)
    with pytest.raises(EfganError, match="exists already, and nothing is overwritten"):
        write(package, target)
    assert below(tmp_path) == before


def test_what_can_t_be_finished_leaves_nothing_behind(package, tmp_path, monkeypatch):
    really, written = Path.write_text, []

    def full_disk(path, *rest, **more):
        if len(written) == 5:
            raise OSError(28, "No space left on device")
        written.append(path)
        return really(path, *rest, **more)

    monkeypatch.setattr(Path, "write_text", full_disk)
    with pytest.raises(EfganError, match="No space left on device; make room"):
        write(package, tmp_path / "deep" / "moon")
    assert list(tmp_path.iterdir()) == []


def test_a_place_below_a_file_is_refused(package, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(EfganError, match="is a file; name a folder"):
        write(package, tmp_path / "file" / "moon")


def test_the_author_is_who_was_given_quotes_and_all():
    author = 'Grace "Amazing" Hopper, µ'
    files = {str(path): text for path, text in plan("efgan-kit-moonlight", "loss", author).files.items()}
    assert tomllib.loads(files["pyproject.toml"])["project"]["authors"] == [{"name": author}]
    assert f"Copyright {date.today().year} {author}" in files["LICENSE"]
    assert "Fill in your name" not in files["README.md"]


def test_the_author_is_whom_git_knows_or_a_placeholder_that_the_page_speaks_of(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    (tmp_path / "gitconfig").write_text("[user]\n\tname = Ada Byron\n")
    authors = []
    for path in (os.environ["PATH"], str(tmp_path)):  # the second has no git at all
        monkeypatch.setenv("PATH", path)
        files = {str(name): text for name, text in plan("efgan-kit-moonlight", "loss").files.items()}
        authors.append(tomllib.loads(files["pyproject.toml"])["project"]["authors"][0]["name"])
    assert authors == ["Ada Byron", NOBODY]
    assert f'it says "{NOBODY}" there' in files["README.md"]


@pytest.mark.parametrize(("author", "what"), [("Ada\nByron", "holds a line break"), (" ", "is empty; give a name")])
def test_an_author_who_is_no_name_is_refused(author, what):
    with pytest.raises(EfganError, match=f"--author: {what}"):
        plan("efgan-kit-moonlight", "loss", author)
