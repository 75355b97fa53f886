"""The examples in the API's description: one for whatever is sent or answered, each of its route's shape."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from bookward.app import App
from bookward.web.server import create_api

WITHOUT = {"openapi"}
"""The description itself needs no example."""


@pytest.fixture
def document(app: App) -> dict[str, Any]:
    return create_api(app, url="http://localhost").openapi()


def contents(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the JSON that each route takes, and that which it answers when all is well."""
    for operations in document["paths"].values():
        for operation in operations.values():
            name = operation["operationId"]
            answers = {status: each for status, each in operation["responses"].items() if status < "300"}
            for what, part in {"request": operation.get("requestBody", {}), **answers}.items():
                if "application/json" in part.get("content", {}) and name not in WITHOUT:
                    yield f"{name} {what}", part["content"]["application/json"]


def test_whatever_is_sent_or_answered_has_an_example(document: dict[str, Any]) -> None:
    found = dict(contents(document))
    assert len(found) > 90
    assert [name for name, content in found.items() if content["schema"] and "example" not in content] == []


def test_each_example_is_of_the_shape_of_its_route(document: dict[str, Any]) -> None:
    for name, content in contents(document):
        schema = {**content.get("schema", {}), "components": document["components"]}
        errors = [error.message for error in Draft202012Validator(schema).iter_errors(content.get("example"))]
        assert errors == [], name
