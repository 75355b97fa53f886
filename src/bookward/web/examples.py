"""What is sent to each route and what it answers, as examples in the API's description.

They are exchanges of the tests with a real server, kept by `make api-examples`; a test holds each against the
shapes of its route.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

_JSON = "application/json"


def add_examples(document: dict[str, Any]) -> None:
    """Put the examples into an OpenAPI document, in place."""
    kept = json.loads((files("bookward.web") / "examples.json").read_text(encoding="utf-8"))
    for operations in document["paths"].values():
        for operation in operations.values():
            _add(operation, kept.get(operation["operationId"], {}))


def _add(operation: dict[str, Any], example: dict[str, Any]) -> None:
    if "request" in example and "requestBody" in operation:
        operation["requestBody"]["content"][_JSON]["example"] = example["request"]
    answer = operation["responses"].get(example.get("status"), {})
    if "answer" in example and _JSON in answer.get("content", {}):
        answer["content"][_JSON]["example"] = example["answer"]
