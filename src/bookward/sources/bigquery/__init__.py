"""Google BigQuery."""

from bookward.sources.bigquery.source import BigQuerySource
from bookward.sources.bigquery.spec import BigQuerySpec

__all__ = ["BigQuerySource", "BigQuerySpec"]
