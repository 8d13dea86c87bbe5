"""`requires:`: the distributions that a recipe needs, checked against what is installed."""

from __future__ import annotations

from packaging.requirements import InvalidRequirement, Requirement

from efgan_kit.recipe.nodes import Node, Problems
from efgan_kit.recipe.typed import shown
from efgan_kit.registry.distributions import version_of


def check_requirements(node: Node | None, problems: Problems) -> tuple[str, ...]:
    """The requirement lines, each once; what is not met is noted with the line that installs it."""
    if node is None:
        return ()
    if not isinstance(node.value, list):
        what = f"requires: expected a list, not {shown(node)}"
        problems.add(node.place, what, "write requires: [efgan-kit>=0.1]")
        return ()
    lines: list[str] = []
    for item in node.value:
        if not isinstance(item.value, str):
            problems.add(item.place, f"requires: expected a requirement, not {shown(item)}")
        elif item.value not in lines:
            lines.append(item.value)
            _check(item, item.value, problems)
    return tuple(lines)


def _check(item: Node, line: str, problems: Problems) -> None:
    try:
        requirement = Requirement(line)
    except InvalidRequirement as error:
        what = f"requires: '{line}' is not a requirement"
        problems.add(item.place, what, str(error).partition("\n")[0].lower())
        return
    version = version_of(requirement.name)
    if version is None:
        problems.add(item.place, f"requires: {requirement.name} is not installed", f"pip install '{line}'")
    elif not requirement.specifier.contains(version, prereleases=True):
        what = f"requires: {line}, but {requirement.name} {version} is installed"
        problems.add(item.place, what, f"pip install --upgrade '{line}'")
