"""`pytest --efgan-plugin NAME`: a test for each check of each component that the installed plugin NAME offers.

Pytest imports this module in every session of the environment, so it imports nothing before the option is given.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from efgan_kit.testing.examination import Case

OPTION = "--efgan-plugin"
FOLDER = pytest.StashKey[tempfile.TemporaryDirectory[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the option."""
    words = "check every component of this installed efgan_kit plugin (distribution or entry point); may be repeated"
    group = parser.getgroup("efgan_kit", "conformance of efgan_kit plugins")
    group.addoption(OPTION, action="append", default=[], metavar="NAME", help=words)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Adds the cases of the plugins named, before `-k` and `-m` choose among all tests."""
    for name in dict.fromkeys(config.getoption(OPTION)):
        items += _collected(session, config, name)


def _collected(session: pytest.Session, config: pytest.Config, name: str) -> list[pytest.Item]:
    from efgan_kit.errors import EfganError
    from efgan_kit.testing.installed import plugins_named

    if FOLDER not in config.stash:
        folder = config.stash[FOLDER] = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        config.add_cleanup(folder.cleanup)
    root = Path(config.stash[FOLDER].name)
    try:
        plugins = plugins_named(name)
    except EfganError as error:
        raise pytest.UsageError(f"{OPTION} {error}") from error
    from efgan_kit.testing.examination import cases_of  # torch, which a name that is wrong does not need

    cases = [case for plugin in plugins for case in cases_of(plugin, root / plugin.name)]
    return [CaseItem.from_parent(session, case=case) for case in cases]


class CaseItem(pytest.Item):
    """A check of a component as a test."""

    def __init__(self, *, case: Case, parent: pytest.Session, **more: Any) -> None:
        nodeid = f"{case.plugin.distribution}::{case.component}::{case.check}"
        super().__init__(nodeid, parent, nodeid=nodeid, **more)
        self.case = case

    def runtest(self) -> None:
        """Holds the component to the contract; skips what can't be examined here."""
        from efgan_kit.testing.contract import NotExaminedError

        try:
            self.case.hold()
        except NotExaminedError as missing:
            pytest.skip(str(missing))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The contract, what was seen and where to read more, in place of a traceback."""
        from efgan_kit.testing.contract import ContractError, where_to_read

        broken = excinfo.value
        if not isinstance(broken, ContractError):
            return super().repr_failure(excinfo, style)
        return f"{broken.whose}\n{broken.told(where_to_read(self.case.check))}"

    def reportinfo(self) -> tuple[Path, None, str]:
        """How headings name it."""
        return self.path, None, f"{self.case.component}: {self.case.check}"
