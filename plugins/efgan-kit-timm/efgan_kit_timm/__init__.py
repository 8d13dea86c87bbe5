"""Any timm backbone as a projected discriminator, in feature losses, and as a metric's feature extractor."""

from pathlib import Path

from efgan_kit.api import Register, hookimpl


@hookimpl
def efgan_components(register: Register) -> None:
    register(
        "discriminator",
        "timm-projected",
        "efgan_kit_timm.projected:ProjectedCritic",
        "Small critics on mixed features of a frozen timm backbone (Projected GANs)",
    )
    register(
        "loss",
        "timm-perceptual",
        "efgan_kit_timm.losses:Perceptual",
        "Distance of edit and truth (or source), place by place, in a frozen timm backbone's features",
    )
    register(
        "loss",
        "timm-feature-matching",
        "efgan_kit_timm.losses:FeatureMatching",
        "Distance of edit and source (or truth) in the means of a frozen timm backbone's features",
    )
    register(
        "extractor",
        "timm",
        "efgan_kit_timm.extractor:TimmFeatures",
        "A timm backbone's features, for metrics and other plugins' loss terms",
    )


@hookimpl
def efgan_recipes() -> Path:
    return Path(__file__).parent / "recipes"
