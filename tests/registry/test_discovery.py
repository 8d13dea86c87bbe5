"""Discovery: installed plugins are found, and one that is broken costs nobody but itself."""

import pytest

from efgan_kit.registry import catalogue, registry

HOOK = "from efgan_kit.api import hookimpl\n@hookimpl\n"
OWN = {"graph", "generator", "loss", "optimizer", "schedule", "dataset"}


@pytest.fixture
def install(tmp_path, monkeypatch, fresh_registry):
    """Installs a plugin whose module holds the given source."""

    def install(name, source, module=None):
        module = module or name.replace("-", "_")
        (tmp_path / f"{module}.py").write_text(source)
        info = tmp_path / f"{name.replace('-', '_')}-0.5.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.5\n")
        (info / "entry_points.txt").write_text(f"[efgan_kit]\n{name} = {module}\n")
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.delitem(__import__("sys").modules, module, raising=False)

    return install


def plugin(name):
    return next(plugin for plugin in registry().plugins if plugin.name == name)


def offering(*offers):
    calls = "".join(f"    register(*{offer!r})\n" for offer in offers) or "    pass\n"
    return f"{HOOK}def efgan_components(register):\n{calls}"


def test_the_built_in_components_are_a_plugin_like_any_other(fresh_registry):
    own = plugin("efgan_kit")
    assert (own.distribution, own.state) == ("efgan-kit", "active")
    assert {offer.kind for offer in own.offers} >= OWN


def test_an_installed_plugin_offers_its_components(toy_plugin):
    toy = plugin("toy")
    assert (toy.distribution, toy.version, toy.state) == ("toy-plugin", "1.2", "active")
    offer = catalogue().find("loss", "toy-l1")
    assert offer.origin == "toy-plugin 1.2"
    assert offer.load().__name__ == "ToyL1"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import nothing_of_the_kind\n", "ModuleNotFoundError: No module named 'nothing_of_the_kind'"),
        ("def broken(:\n", "SyntaxError"),
        ("raise SystemExit(3)\n", "SystemExit: 3"),
        ("1 / 0\n", "ZeroDivisionError: division by zero"),
        (
            f"{HOOK}def efgan_components(register, moon): ...\n",
            "its hook is written efgan_components(register, moon), but efgan-kit calls efgan_components(register): "
            "there is no 'moon' to give",
        ),
        (
            f"{HOOK}def efgan_componets(register): ...\n",
            "there is no hook 'efgan_componets'; did you mean 'efgan_components'?",
        ),
        (
            offering(("generatr", "x", "a:B")),
            "'generatr' is not a kind of component; did you mean 'generator'?",
        ),
        (offering(("generator", "x", "a.B")), "not of the form 'package.module:Class'"),
        (offering(("generator",)), "TypeError"),
    ],
    ids=["import", "syntax", "exit", "crash", "hook arguments", "unknown hook", "kind", "target", "call"],
)
def test_a_broken_plugin_is_named_with_its_reason_and_costs_only_itself(install, source, reason):
    install("bad-plugin", source)
    install("good-plugin", offering(("loss", "good", "json:JSONEncoder")))
    bad = plugin("bad-plugin")
    assert (bad.distribution, bad.version, bad.state, bad.offers) == ("bad-plugin", "0.5", "broken", ())
    assert reason in bad.reason
    assert catalogue().find("loss", "good").distribution == "good-plugin"


def test_a_plugin_without_hooks_says_so(install):
    install("mute-plugin", "x = 1\n")
    assert (plugin("mute-plugin").state, plugin("mute-plugin").reason) == ("active", "implements no hook")


@pytest.mark.parametrize("value", ["all", "Bad_Plugin", "other, bad-plugin"])
def test_a_disabled_plugin_is_not_imported(install, monkeypatch, value):
    monkeypatch.setenv("EFGAN_DISABLE_PLUGINS", value)
    install("bad-plugin", "raise RuntimeError('imported')\n")
    assert plugin("bad-plugin").state == "disabled"
    assert plugin("efgan_kit").state == "active"


def test_recipes_of_a_plugin_are_found_and_a_failing_hook_offers_none(toy_plugin, install):
    install(
        "bad-plugin",
        f"{HOOK}def efgan_recipes(): return 1 / 0\n",
    )
    assert registry().recipe_folders() == [toy_plugin / "recipes"]
