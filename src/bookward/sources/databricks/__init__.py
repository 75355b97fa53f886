"""Databricks."""

from bookward.sources.databricks.source import DatabricksSource
from bookward.sources.databricks.spec import DatabricksSpec

__all__ = ["DatabricksSource", "DatabricksSpec"]
