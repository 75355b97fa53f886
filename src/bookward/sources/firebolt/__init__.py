"""Firebolt."""

from bookward.sources.firebolt.source import FireboltSource, FireboltSpec

__all__ = ["FireboltSource", "FireboltSpec"]
