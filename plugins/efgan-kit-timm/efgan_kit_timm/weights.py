"""Where a backbone's weights come from: the user's file or timm's in the local cache. Nothing is downloaded."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, Final

import timm
import torch
from timm.models import PretrainedCfg, load_state_dict
from torch import Tensor

from efgan_kit.api import fail

RANDOM: Final = "random"
PRETRAINED: Final = "pretrained"
LOCAL: Final = "local-dir:"
"""Before a folder that holds a `config.json` and weights, as the Hugging Face hub has them."""
SUFFIXES: Final = (".safetensors", ".pth", ".pt", ".bin", ".tar")
NAMES: Final = ("model.safetensors", "pytorch_model.bin")
"""Of the files that timm's models have on the hub."""

SHOWN: Final = 120
"""Characters of torch's words on weights that don't fit."""

_told: set[str] = set()


def find_weights(model: str, weights: str, config: PretrainedCfg) -> Path | None:
    """The file that `weights` means for a timm model; None for `random`.

    Args:
        model: timm's name for it, or `local-dir:FOLDER`.
        weights: `random`, `pretrained`, or a file.

    Raises:
        EfganError: There is no such file.
    """
    if weights == RANDOM:
        return None
    if weights != PRETRAINED:
        return _named(Path(weights).expanduser())
    if model.startswith(LOCAL):
        return _in_folder(Path(model.removeprefix(LOCAL)).expanduser())
    return _cached(model, config)


def _named(path: Path) -> Path:
    if not path.is_file():
        raise fail(str(path), "there is no such file of weights", "`weights` is random, pretrained, or a file's name")
    if path.suffix not in SUFFIXES:
        raise fail(str(path), "is no file of weights by its name", f"it should end in one of {', '.join(SUFFIXES)}")
    return path


def _in_folder(folder: Path) -> Path:
    found = [folder / name for name in NAMES if (folder / name).is_file()]
    if not found:
        raise fail(str(folder), f"holds neither {' nor '.join(NAMES)}", "name the file by `weights`")
    return found[0]


def _cached(model: str, config: PretrainedCfg) -> Path:
    """timm's own weights as huggingface_hub or torch.hub keep what was once downloaded."""
    from huggingface_hub import try_to_load_from_cache

    repository, _, revision = (config.hf_hub_id or "").partition("@")
    names = [config.hf_hub_filename] if config.hf_hub_filename else list(NAMES)
    way_out = "name a file of weights by `weights`"
    if repository and not config.custom_load:
        for name in names:
            found = try_to_load_from_cache(repository, name, revision=revision or None)
            if isinstance(found, str):
                return Path(found)
        way_out = f"where there is a network: hf download {repository} {names[0]}; or {way_out}"
    elif config.url and not config.custom_load:
        kept = Path(torch.hub.get_dir()) / "checkpoints" / Path(str(config.url)).name
        if kept.is_file():
            return kept
    raise fail(model, "timm's weights of it are not in this machine's cache, and nothing is downloaded here", way_out)


def load_network(model: str, path: Path, config: PretrainedCfg, *, head: bool, **settings: Any) -> Any:
    """The network with the weights of a file; every one of its own must be there, in its shape.

    Args:
        head: Whether it keeps its last layer, whose size is then the file's.
        settings: What else it is made with.

    Raises:
        EfganError: The file can't be read, or is another network's.
    """
    state = _read(path)
    ends = [f"{name}." for name in _last_layers(config)]
    outputs = 0
    if head:
        outputs = len(state.get(f"{ends[0]}weight", ())) if ends else 0
        if not outputs:
            raise fail(str(path), "has no last layer", "leave `head` out")
    else:
        state = {name: tensor for name, tensor in state.items() if not name.startswith(tuple(ends))}
    source = {"state_dict": state, "source": "", "custom_load": False, "label_offset": 0, "num_classes": outputs}
    try:
        network = timm.create_model(
            model, pretrained=True, pretrained_cfg_overlay=source, num_classes=outputs, **settings
        )
    except (RuntimeError, LookupError, ValueError, AttributeError) as error:
        what = f"these are not the weights of {model}: {_mismatch(str(error))}"
        raise fail(str(path), what, "is it the file of another network?") from error
    # timm keeps what it was made from, and with it the file's tensors once more.
    network.pretrained_cfg = network.default_cfg = config.to_dict()
    return network


def _read(path: Path) -> dict[str, Tensor]:
    """The state dict in a file; no code that may be in it is run."""
    try:
        state = load_state_dict(str(path), weights_only=True)
    except Exception as error:  # each format refuses in its own way
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise fail(str(path), f"these weights can't be read: {first}", "save a state dict") from error
    if not state or not all(isinstance(tensor, Tensor) for tensor in state.values()):
        raise fail(str(path), "is no state dict: names with tensors", "save `model.state_dict()`")
    return dict(state)


def _last_layers(config: PretrainedCfg) -> tuple[str, ...]:
    named: Any = config.classifier or ()
    return (named,) if isinstance(named, str) else tuple(named)


def _mismatch(message: str) -> str:
    """The first things that torch found wrong."""
    lines = [line.strip() for line in message.strip().splitlines()] or ["they do not fit"]
    said = lines[1] if len(lines) > 1 else lines[0]
    return said if len(said) <= SHOWN else f"{said[:SHOWN].rpartition(',')[0]}, ..."


def caveat_of(model: str) -> str:
    """What to know of a backbone whose weights are random."""
    return (
        f"the weights of {model} are random: its features say what random filters say; give `weights` a file, or"
        " pretrained"
    )


def tell_random(model: str) -> None:
    """Warn of random weights, once in a process for each network."""
    if model not in _told:
        _told.add(model)
        warnings.warn(caveat_of(model), UserWarning, stacklevel=2)
