"""What a source has, as JSON: one form for the command line and the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bookward.records import ListedTable


def tables_document(source: str, tables: Sequence[ListedTable]) -> dict[str, Any]:
    """Return the tables of a source with their columns."""
    return {
        "source": source,
        "tables": [
            {
                "schema": table.schema,
                "name": table.name,
                "columns": [
                    {"name": column.name, "type": column.type, "nullable": column.nullable}
                    for column in table.columns
                ],
                "primary_key": list(table.primary_key),
            }
            for table in tables
        ],
    }
