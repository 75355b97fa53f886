"""Palantir Foundry."""

from bookward.sources.foundry.source import FoundrySource
from bookward.sources.foundry.spec import FoundrySpec

__all__ = ["FoundrySource", "FoundrySpec"]
