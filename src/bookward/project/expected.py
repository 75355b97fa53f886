"""What a specification class expects at a place: known keys, and whether a value there is a secret."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, get_args

from pydantic import BaseModel, SecretBytes, SecretStr
from typing_extensions import TypeAliasType

from bookward.project.document import Where

SECRET_NAME = re.compile(
    r"secret|password|passphrase|passwd|token(?!_?url)|private|credential|service_account|api_?key|routing_?key"
    r"|webhook_?url",
    re.IGNORECASE,
)
"""What a key whose value must not be shown is called; where tokens are given out is no secret."""


def known_keys(spec_class: type[BaseModel], where: Where, hint: str | None = None) -> list[str]:
    """Return the keys that may stand in the mapping at ``where``.

    Args:
        spec_class: what the document is.
        where: path of the mapping; unknown steps such as field names of a destination are passed over.
        hint: a key that the mapping surely has, to tell alternatives apart.
    """
    models = _models_at(spec_class, where)
    if hint:
        models = [model for model in models if hint in _fields(model)] or models
    return [key for model in models for key in _fields(model)]


def is_secret(spec_class: type[BaseModel], where: Where) -> bool:
    """Say whether the value at ``where`` must not be shown, by its type or by the name of a key above it."""
    if any(SECRET_NAME.search(step) for step in where if isinstance(step, str)):
        return True
    annotation = _fields(spec_class).get(str(where[0])) if where else None
    return any(part in (SecretStr, SecretBytes) for part in _parts(annotation))


def _models_at(spec_class: type[BaseModel], where: Sequence[str | int]) -> list[type[BaseModel]]:
    models = [spec_class]
    for step in where:
        found = [_fields(model)[step] for model in models if isinstance(step, str) and step in _fields(model)]
        if found:
            models = [part for annotation in found for part in _models_in(annotation)]
    return models


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    found = [part for part in _parts(annotation) if isinstance(part, type) and issubclass(part, BaseModel)]
    return list(dict.fromkeys(found))


def _parts(annotation: Any, seen: tuple[Any, ...] = ()) -> Iterator[Any]:
    """Yield everything that an annotation is made of, each named alias once."""
    if isinstance(annotation, TypeAliasType):
        if annotation not in seen:
            yield from _parts(annotation.__value__, (*seen, annotation))
        return
    arguments = get_args(annotation)
    if not arguments:
        yield annotation
    for argument in arguments:
        yield from _parts(argument, seen)
