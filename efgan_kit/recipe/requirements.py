"""`requires:`: the distributions that a recipe needs, checked against what is installed and takes part."""

from __future__ import annotations

from packaging.requirements import InvalidRequirement, Requirement

from efgan_kit.recipe.nodes import Node, Problems
from efgan_kit.recipe.typed import shown
from efgan_kit.registry import Plugin, registry
from efgan_kit.registry.distributions import canonical, requirements_of, version_of
from efgan_kit.registry.remedies import remedy
from efgan_kit.registry.requirements import unmet


def check_requirements(node: Node | None, problems: Problems) -> tuple[str, ...]:
    """The requirement lines, each once; what is not met is noted with the line that installs it."""
    if node is None:
        return ()
    if not isinstance(node.value, list):
        what = f"requires: expected a list, not {shown(node)}"
        example = node.value if isinstance(node.value, str) else "efgan-kit>=0.1"
        problems.add(node.place, what, f"write requires: ['{example}']")
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
    else:
        _check_extras(item, requirement, problems)
        for plugin in registry().plugins:
            if canonical(plugin.distribution) == canonical(requirement.name) and plugin.state != "active":
                problems.add(item.place, *_left_out(plugin))


def _check_extras(item: Node, requirement: Requirement, problems: Problems) -> None:
    for extra in sorted(requirement.extras):
        for each in unmet(requirements_of(requirement.name), [extra], optional_only=True):
            what = f"requires: {requirement.name}[{extra}] needs {each.what}"
            problems.add(item.place, what, f"pip install '{requirement.name}[{extra}]'")


def _left_out(plugin: Plugin) -> tuple[str, str]:
    """What is wrong with a plugin that doesn't take part, and the way out."""
    way_out = remedy(plugin.state, plugin.distribution, plugin.reason)
    if plugin.state == "disabled":
        return f"requires: {plugin.distribution} is disabled {plugin.reason}", way_out
    state = "could not be loaded" if plugin.state == "broken" else f"is {plugin.state}"
    return f"requires: the plugin of {plugin.distribution} {plugin.version} {state}: {plugin.reason}", way_out
