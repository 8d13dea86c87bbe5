"""What is installed: the plugins, what each offers, which are broken. Listing imports no component."""

from efgan_kit.registry.catalogue import KIND_NAMES, Catalogue, Offer
from efgan_kit.registry.discovery import Plugin, Registry, registry

__all__ = ["KIND_NAMES", "Catalogue", "Offer", "Plugin", "Registry", "catalogue", "registry"]


def catalogue() -> Catalogue:
    """Every component that the installed plugins offer; discovered once a process."""
    return registry().catalogue
