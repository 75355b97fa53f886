"""Amazon Redshift."""

from bookward.sources.redshift.source import RedshiftSource, RedshiftSpec

__all__ = ["RedshiftSource", "RedshiftSpec"]
