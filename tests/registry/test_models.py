"""Installed models: found by name, chosen where there is one, named where there are several."""

import pytest

from efgan_kit.errors import EfganError
from efgan_kit.registry.models import MANIFEST, located, models, only_model


@pytest.fixture
def install(tmp_path, monkeypatch, fresh_registry):
    """Installs a plugin that offers models of these names, empty but for their manifests."""

    def install(plugin, *names, hook="return Path(__file__).parent / NAME"):
        module = plugin.replace("-", "_")
        for name in names:
            (tmp_path / f"{module}_models" / name).mkdir(parents=True)
            (tmp_path / f"{module}_models" / name / MANIFEST).write_text("{}")
        (tmp_path / f"{module}.py").write_text(
            "from pathlib import Path\nfrom efgan_kit.api import hookimpl\n"
            f"NAME = '{module}_models'\n@hookimpl\ndef efgan_models(): {hook}\n"
        )
        info = tmp_path / f"{module}-0.5.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {plugin}\nVersion: 0.5\n")
        (info / "entry_points.txt").write_text(f"[efgan_kit]\n{plugin} = {module}\n")
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.delitem(__import__("sys").modules, module, raising=False)
        fresh_registry.cache_clear()

    monkeypatch.setenv("EFGAN_DISABLE_PLUGINS", "efgan-kit-starter")
    return install


def test_none_is_installed_and_the_way_to_one_is_told(install):
    assert models() == []
    with pytest.raises(EfganError, match=r"no model is installed; train one .`efgan train quickstart`."):
        only_model()


def test_the_only_one_is_chosen_and_found_by_name(install, tmp_path):
    install("mine", "faces")
    (tmp_path / "mine_models" / "not-exported").mkdir()
    model = only_model()
    assert (model.name, model.distribution) == ("faces", "mine")
    assert located("faces") == model.path == tmp_path / "mine_models" / "faces"


def test_of_several_one_must_be_chosen(install):
    install("mine", "faces", "others")
    install("yours", "more")
    with pytest.raises(EfganError, match=r"choose one of them: faces \(mine\), more \(yours\), others \(mine\)"):
        only_model()
    assert located("more").name == "more"


def test_a_name_of_two_plugins_is_refused_where_it_is_used(install):
    install("mine", "faces")
    install("yours", "faces")
    with pytest.raises(EfganError, match="two plugins offer a model of this name: mine and yours"):
        located("faces")


def test_a_path_that_is_there_comes_first(install, tmp_path, monkeypatch):
    install("mine", "faces")
    (tmp_path / "here" / "faces").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    assert str(located("faces")) == "faces"


def test_an_unknown_name_is_answered_with_the_nearest(install):
    install("mine", "faces")
    with pytest.raises(EfganError, match=r"no such folder.*of installed models: did you mean 'faces'"):
        located("facs")
    with pytest.raises(EfganError) as error:
        located("runs/facs")
    assert "installed" not in str(error.value)


def test_a_hook_that_fails_or_leads_nowhere_offers_none(install):
    install("bad", hook="return 1 / 0")
    install("lost", hook="return Path('/nowhere/at/all')")
    install("good", "faces")
    assert [model.name for model in models()] == ["faces"]
