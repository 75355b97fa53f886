"""Looker."""

from bookward.sources.looker.source import LookerSource
from bookward.sources.looker.spec import LookerSpec

__all__ = ["LookerSource", "LookerSpec"]
