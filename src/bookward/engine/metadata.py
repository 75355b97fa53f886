"""What our Parquet files say about themselves, in the metadata of their schema."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from bookward import exactjson
from bookward.heavy import pa

_KEYS = b"bookward.keys"
_CONFIG_VERSION = b"bookward.config_version"
_PARTIAL = b"bookward.partial"
_SORTS = b"bookward.sorts"


def with_metadata(
    schema: pa.Schema,
    keys: Sequence[str],
    config_version: int | None = None,
    partial: Collection[str] = (),
    sorts: Mapping[str, str] | None = None,
) -> pa.Schema:
    """Return the schema of a file that says so.

    Args:
        keys: the columns of its key.
        config_version: the configuration that all of it was made under.
        partial: the columns that some of its rows never had.
        sorts: what the columns held in the model when rows last came in.
    """
    metadata: dict[bytes | str, bytes | str] = {_KEYS: exactjson.encode(list(keys))}
    if config_version is not None:
        metadata[_CONFIG_VERSION] = str(config_version)
    if partial:
        metadata[_PARTIAL] = exactjson.encode(sorted(partial))
    if sorts is not None:
        metadata[_SORTS] = exactjson.encode_sorted(dict(sorts))
    return schema.with_metadata(metadata)


def recorded_keys(schema: pa.Schema) -> tuple[str, ...]:
    """Return the key columns that a file was written with; none when it does not say."""
    return tuple(exactjson.decode((schema.metadata or {}).get(_KEYS, b"[]")))


def recorded_sorts(schema: pa.Schema) -> dict[str, str]:
    """Return what the columns held in the model when rows last came in; nothing when a file does not say."""
    sorts: dict[str, str] = exactjson.decode((schema.metadata or {}).get(_SORTS, b"{}"))
    return sorts


def recorded_config_version(schema: pa.Schema) -> int:
    """Return the version of the configuration that a file of changes was made under."""
    return int((schema.metadata or {})[_CONFIG_VERSION])


def recorded_partial(schema: pa.Schema) -> frozenset[str]:
    """Return the columns that some rows of a file never had: a null there may be no value at all."""
    return frozenset(exactjson.decode((schema.metadata or {}).get(_PARTIAL, b"[]")))
