"""The feature extractors of metrics: made as a recipe says, fitted to the run's training faces, named."""

from __future__ import annotations

import functools
import inspect
import json
from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs
import torch
from torch import nn

from efgan_kit.api import FaceDataset, FaceSpec, Maker, Metric
from efgan_kit.errors import EfganError
from efgan_kit.evaluation.hashes import weights_hash
from efgan_kit.evaluation.remembered import Remembered
from efgan_kit.registry import registry
from efgan_kit.training.fitted import fit_or_restore, fitted_name
from efgan_kit.training.streams import drawn_globally, seeded_build, stream

SEED: Final = 20200
"""Of every extractor, whatever the run's."""


class CannotFitError(Exception):
    """An extractor can't learn what it must; the metrics that need it can't be asked."""


@attrs.frozen
class ExtractorReport:
    """By whose features a metric compared.

    Attributes:
        name: The component's name.
        cached: Whether it had been fitted before; also where there is nothing to fit.
        weights_hash: A hash of its weights. Only figures of the same weights may be compared.
    """

    name: str
    cached: bool
    weights_hash: str


@attrs.define
class Extractors:
    """Fits the extractors of metrics, one for all that describe theirs alike.

    Attributes:
        training: The run's training faces, or None with `missing`, the reason why there are none.
        faces: What the recipe says of faces.
        device: Where they are to compute.
        on_fit: Called with the name of an extractor and the share of its fitting that is done, 0 or 1.
        reports: By metric, the extractors that were made for it.
        caveats: By metric, what they say themselves that one should know before believing figures by their features.
    """

    training: FaceDataset | None
    missing: str
    faces: FaceSpec
    device: torch.device | str
    on_fit: Callable[[str, int], None] = lambda name, done: None
    reports: dict[str, ExtractorReport] = attrs.field(factory=dict)
    caveats: dict[str, str] = attrs.field(factory=dict)
    _made: dict[str, tuple[nn.Module, ExtractorReport]] = attrs.field(factory=dict, init=False)

    def metric(self, name: str, maker: Maker[Metric]) -> Metric:
        """The metric, with extractors that are fitted in place of the makers among its parameters.

        Raises:
            CannotFitError: The training faces are gone, or teach nothing.
        """
        nested = {
            key: Maker(functools.partial(self._fitted, name if key == "extractor" else f"{name}.{key}", value))
            for key, value in _settings(maker).items()
            if isinstance(value, Maker)
        }
        return attrs.evolve(maker, params={**maker.params, **nested})(faces=self.faces)

    def _fitted(self, metric: str, maker: Maker[Any]) -> nn.Module:
        described = json.dumps(_described(maker))
        if described not in self._made:
            self._made[described] = self._make(maker)
        extractor, report = self._made[described]
        self.reports[metric] = report
        caveat = getattr(extractor, "caveat", "")
        if caveat:
            self.caveats[metric] = f"{metric} is measured by the features of {report.name}: {caveat}"
        return extractor

    def _make(self, maker: Maker[Any]) -> tuple[nn.Module, ExtractorReport]:
        known_as = registry().catalogue.name_of(maker.target)
        with seeded_build(SEED, "extractor"):
            extractor: nn.Module = maker(faces=self.faces).to(self.device)
        cached = not hasattr(extractor, "prepare") or self._prepare(extractor, known_as, maker)
        report = ExtractorReport(known_as, cached, weights_hash(extractor))
        # Metrics that share it ask for the same pictures, batch by batch.
        extractor.forward = Remembered(extractor.forward)
        return extractor.eval().requires_grad_(False), report

    def _prepare(self, extractor: nn.Module, known_as: str, maker: Maker[Any]) -> bool:
        """Whether it had been fitted before this evaluation."""
        if self.training is None:
            raise CannotFitError(f"{known_as} can't be fitted: the training faces can't be read ({self.missing})")
        training = self.training

        def fit() -> None:
            self.on_fit(known_as, 0)
            random = stream(SEED, "extractor.prepare")
            with drawn_globally(random):
                extractor.prepare(training, random)  # type: ignore[operator]  # the contract of extractors
            self.on_fit(known_as, 1)

        about = {
            "size": self.faces.size,
            "aus": self.faces.aus.names,
            "people": list(training.people),
            "extractor": _described(maker),
        }
        name = fitted_name(training, about)
        try:
            cached = fit_or_restore(extractor, "extractors", name, fit)
        except EfganError as error:
            raise CannotFitError(f"{known_as} can't be fitted: {error.faults[0].what}") from error
        extractor.requires_grad_(False)
        return cached


def _settings(maker: Maker[Any]) -> dict[str, Any]:
    """A component's parameters, those with their defaults included."""
    parameters = inspect.signature(maker.target).parameters.values()
    defaults = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY and p.default is not p.empty}
    return {**defaults, **maker.params}


def _described(value: Any) -> Any:
    """A maker as JSON knows it, so that another parameter is another extractor."""
    if isinstance(value, Maker):
        owner = f"{value.target.__module__}:{value.target.__qualname__}"
        return {"use": owner, **{key: _described(part) for key, part in sorted(_settings(value).items())}}
    if isinstance(value, Mapping):
        return {str(key): _described(part) for key, part in value.items()}
    return [_described(part) for part in value] if isinstance(value, (list, tuple)) else str(value)
