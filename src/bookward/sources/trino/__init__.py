"""Trino."""

from bookward.sources.trino.source import TrinoSource, TrinoSpec

__all__ = ["TrinoSource", "TrinoSpec"]
