"""Writes what the pages of this folder take from the code: `python docs/generate.py`.

A page holds blocks between `<!-- begin NAME -->` and `<!-- end NAME -->`; each is filled by the function of
that name below. The rest is written by hand. A test fails while a block is not what the code says.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import json
import re
import textwrap
import typing
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import attrs
import click
from docstring_parser import google

from efgan_kit import api, hookspecs
from efgan_kit.cli import VERBS, cli
from efgan_kit.cli.default_verb import DEFAULT, CommandOrVerb
from efgan_kit.evaluation import examination
from efgan_kit.faces.aus import DESCRIPTIONS, EXPRESSIONS
from efgan_kit.recipe.model import TrainSettings
from efgan_kit.recipe.typed import describe
from efgan_kit.recipe.uses import is_plain
from efgan_kit.recipe.wiring import declared_values, players_of
from efgan_kit.registry import Catalogue, Offer
from efgan_kit.registry.discovery import builtin, discover
from efgan_kit.registry.signature import Parameter, signature_of

FOLDER: Final = Path(__file__).parent
BLOCK: Final = re.compile(r"(<!-- begin ([\w-]+) -->\n).*?(<!-- end \2 -->)", re.DOTALL)
SECTION: Final = re.compile(r"\n(Args|Attributes|Returns|Raises):\n")
EXAMPLES: Final = re.compile(r"\x08\n((?:.+\n)*.+)")
SPECIAL: Final = ("__call__", "__len__", "__getitem__")
PARTS: Final[dict[str, tuple[type, ...]]] = {"launcher": (api.Job,), "landmarker": (api.Picture, api.FoundFace)}
"""What components of a kind are given or make that has a contract of its own."""


def own_catalogue() -> Catalogue:
    """What efgan_kit itself offers; the plugins of this machine are left out."""
    return discover([builtin()]).catalogue


def components() -> Iterator[str]:
    """Every built-in component with its parameters."""
    catalogue = own_catalogue()
    for kind in api.KINDS:
        offers = [offer for offer in catalogue.offers if offer.kind == kind]
        if not offers:
            continue  # what plugins alone offer
        yield f"## {kind}"
        yield table(("name", "what it is"), [(f"[`{o.name}`](#{kind}-{o.name})", o.summary) for o in offers])
        for offer in offers:
            yield from _component(offer)


def _component(offer: Offer) -> Iterator[str]:
    target = offer.load()
    yield f'<a id="{offer.kind}-{offer.name}"></a>'
    yield f"### {offer.kind}: {offer.name}"
    yield prose(target)
    yield f"`{offer.target}`"
    if offer.kind == "loss":
        players = players_of(target).items()
        yield table(("teaches", "from the values"), [(player, names(needs)) for player, needs in players])
    if offer.kind == "metric":
        wanted = [p for p in inspect.signature(target.__call__).parameters if p != "self"]
        yield f"From the values {names(wanted)}."
        if declared_values(target):
            yield "Of these, its own are:"
            yield _declared(target, makers=False)
    parameters = signature_of(target, offer.kind).parameters.values()
    if parameters:
        yield table(
            ("key", "type", "default", "what it is"),
            [(f"`{p.name}`", describe(p.annotation), _default(p), p.doc) for p in parameters],
        )
    else:
        yield "It has no keys."


def _default(parameter: Parameter) -> str:
    if parameter.required:
        return "required"
    default = parameter.default
    if isinstance(default, api.Maker):
        return f"`{{use: {own_catalogue().name_of(default.target)}}}`"
    return f"`{json.dumps(default)}`" if is_plain(default) else f"`{default!r}`"


def given_values() -> Iterator[str]:
    """The values that a training batch brings along."""
    yield table(("name", "what it is"), [(f"`{name}`", text) for name, text in api.GIVEN_VALUES.items()])


def graph_values() -> Iterator[str]:
    """The values that the graph `ef-gan` declares."""
    yield _declared(own_catalogue().find("graph", "ef-gan").load(), makers=True)


def cascade_values() -> Iterator[str]:
    """The values that a module of the graph `cascade-ef-gan` has in place of its EF-GAN's or the batch's."""
    yield _declared(own_catalogue().find("graph", "cascade-ef-gan").load().values_declared_by[-1], makers=True)


def evaluation_given() -> Iterator[str]:
    """The values that a batch of an evaluation brings along."""
    yield table(("name", "what it is"), [(f"`{name}`", text) for name, text in examination.GIVEN.items()])


def evaluation_values() -> Iterator[str]:
    """The values that an evaluation computes."""
    yield _declared(examination.Examination, makers=False)


def _declared(owner: Any, *, makers: bool) -> str:
    rows = []
    for name, method in vars(owner).items():
        made_by = getattr(method, "efgan_value", None)
        if made_by is not None:
            needs = [p for p in inspect.signature(method).parameters if p != "self"]
            maker = ["-" if made_by == "anyone" else made_by] if makers else []
            rows.append((f"`{name}`", prose(method), *maker, names(needs)))
    columns = ("name", "what it is", *(["made by"] if makers else []), "from")
    return table(columns, rows)


def kinds() -> Iterator[str]:
    """The contract of every kind of component."""
    for name, kind in api.KINDS.items():
        yield f"### {name}"
        yield f"Context: {names(kind.context)}. Contract: `efgan_kit.api.{kind.contract.__name__}`."
        yield prose(kind.contract)
        if fields := list(_fields(kind.contract)):
            yield table(("attribute", "what it is"), [(f"`{field}`", text) for field, text in fields])
        if members := _members(kind.contract):
            yield "```python\n" + "\n\n".join(members) + "\n```"
        for part in PARTS.get(name, ()):
            yield f"`efgan_kit.api.{part.__name__}`: {prose(part)}"
            documented = google.parse(inspect.getdoc(part) or "").params
            if documented:
                yield table(("attribute", "what it is"), [(f"`{a.arg_name}`", a.description or "") for a in documented])
            yield "```python\n" + "\n\n".join(_members(part)) + "\n```"


def _members(contract: type) -> list[str]:
    return [
        _member(name, member)
        for name, member in vars(contract).items()
        if (callable(member) or isinstance(member, property)) and (name in SPECIAL or name[0] != "_")
    ]


def _member(name: str, member: Any) -> str:
    property_, function = ("@property\n", member.fget) if isinstance(member, property) else ("", member)
    text = inspect.cleandoc(function.__doc__ or "")
    says = textwrap.indent(f'"""{text}' + ('\n"""' if "\n" in text else '"""'), "    ")
    return f"{property_}{_signature(name, function)}:" + (f"\n{says}" if text else " ...")


def types() -> Iterator[str]:
    """The named tuples that components exchange."""
    for owner in (api.Edit, api.Verdict, api.FaceSample, api.Edited):
        yield f"### {owner.__name__}"
        yield prose(owner)
        yield table(("field", "what it is"), [(f"`{name}`", text) for name, text in _fields(owner)])


def _fields(owner: type) -> Iterator[tuple[str, str]]:
    """The fields of a class with the strings below them, which Python forgets and the source knows."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(owner))).body
    assert isinstance(definition, ast.ClassDef)
    for field, text in itertools.pairwise(definition.body):
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr):
            yield ast.unparse(field.target), inspect.cleandoc(ast.literal_eval(text.value))


def hooks() -> Iterator[str]:
    """Every hook with its signature."""
    for name, function in vars(hookspecs).items():
        if name.startswith("efgan_") and inspect.isfunction(function):
            yield f"### {name}"
            yield f"```python\n{_signature(name, function)}\n```"
            yield prose(function)
    yield "### The callback `register`"
    yield f"```python\n{_signature('register', hookspecs.Register.__call__, drop_self=True)}\n```"
    arguments = google.parse(inspect.getdoc(hookspecs.Register.__call__) or "").params
    yield table(("argument", "what it is"), [(f"`{a.arg_name}`", a.description or "") for a in arguments])


def _signature(name: str, function: Callable[..., Any], *, drop_self: bool = False) -> str:
    # Annotations are kept as text, which `str` puts in quotes.
    text = re.sub(r"'([\w.,| \[\]]+)'", r"\1", str(inspect.signature(function)))
    return f"def {name}{text.replace('(self, ', '(') if drop_self else text}"


def train_settings() -> Iterator[str]:
    """The keys of a recipe's `train` section."""
    annotations = typing.get_type_hints(TrainSettings)
    rows = [
        (f"`{f.name}`", describe(annotations[f.name]), f"`{json.dumps(f.default)}`", f.metadata["doc"])
        for f in attrs.fields(TrainSettings)
    ]
    yield table(("key", "type", "default", "what it does"), rows)


def action_units() -> Iterator[str]:
    """The AUs of the set `openface-17`."""
    yield table(("AU", "what it does"), list(DESCRIPTIONS.items()))


def presets() -> Iterator[str]:
    """The expressions that have a name."""
    rows = [
        (name, ", ".join(f"{unit} {value:g}" for unit, value in aus.items()) or "every AU 0")
        for name, aus in EXPRESSIONS.items()
    ]
    yield table(("expression", "AUs"), rows)


def commands() -> Iterator[str]:
    """Every command with its options."""
    context = click.Context(cli, info_name="efgan")
    for verb in VERBS:
        command = cli.get_command(context, verb)
        if command is not None:
            yield from _command(command, f"efgan {verb}")


def _command(command: click.Command, name: str) -> Iterator[str]:
    if isinstance(command, CommandOrVerb):
        for below, inner in command.commands.items():
            yield from _command(inner, name if below == DEFAULT else f"{name} {below}")
        return
    yield f"## {name}"
    text = inspect.cleandoc(command.help or "")
    yield EXAMPLES.sub(r"```sh\n\1\n```", text)
    if isinstance(command, click.Group):
        for below, inner in command.commands.items():
            yield from _command(inner, f"{name} {below}")
        return
    arguments = [p for p in command.params if isinstance(p, click.Argument)]
    yield f"`{' '.join([name, '[OPTIONS]', *(p.metavar or str(p.name).upper() for p in arguments)])}`"
    options = [p for p in command.params if isinstance(p, click.Option) and not p.hidden]
    if options:
        yield table(("option", "what it does"), [(f"`{_written(p)}`", _help(p)) for p in options])


def _written(option: click.Option) -> str:
    flags = ", ".join(option.opts) + "".join(f" / {flag}" for flag in option.secondary_opts)
    if option.is_flag:
        return flags
    if isinstance(option.type, click.Choice):
        return f"{flags} {'|'.join(option.type.choices)}"
    return f"{flags} {option.metavar or option.type.name.partition(' ')[0].upper()}"


def _help(option: click.Option) -> str:
    more = ["Required."] if option.required else []
    if option.show_default and not option.is_flag:
        more.append(f"Default: {option.default}.")
    return " ".join([option.help or "", *more])


def prose(thing: Any) -> str:
    """A docstring down to its first section."""
    return SECTION.split(f"\n{inspect.getdoc(thing) or ''}\n")[0].strip()


def names(several: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in several) or "-"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [columns, ["---"] * len(columns), *rows]
    cells = ([" ".join(str(cell).split()).replace("|", "\\|") for cell in line] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


def filled(page: str) -> str:
    """The page with every block written anew."""

    def fill(block: re.Match[str]) -> str:
        parts: Iterable[str] = globals()[block[2].replace("-", "_")]()
        return "\n\n".join([block[1].rstrip(), *parts, block[3]])

    return BLOCK.sub(fill, page)


def main() -> None:
    for path in sorted(FOLDER.glob("*.md")):
        before = path.read_text(encoding="utf-8")
        after = filled(before)
        if after != before:
            path.write_text(after, encoding="utf-8")
            print(f"wrote {path.name}")


if __name__ == "__main__":
    main()
