"""Amazon Athena."""

from bookward.sources.athena.source import AthenaSource
from bookward.sources.athena.spec import AthenaSpec

__all__ = ["AthenaSource", "AthenaSpec"]
