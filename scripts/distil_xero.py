"""Distil Xero's OpenAPI file into the facts that Bookward needs, without its prose.

    python scripts/distil_xero.py path/to/xero_accounting.yaml           write contract.json
    python scripts/distil_xero.py path/to/xero_accounting.yaml --check   say whether it is up to date

The OpenAPI file itself is not part of this repository; Xero publishes it as XeroAPI/Xero-OpenAPI.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

CONTRACT = Path(__file__).parent.parent / "src/bookward/destinations/xero/contract.json"

ROOTS = (
    "/Accounts",
    "/Accounts/{AccountID}",
    "/ContactGroups",
    "/ContactGroups/{ContactGroupID}",
    "/ContactGroups/{ContactGroupID}/Contacts",
    "/ContactGroups/{ContactGroupID}/Contacts/{ContactID}",
    "/Contacts",
    "/Contacts/{ContactID}",
    "/CreditNotes",
    "/CreditNotes/{CreditNoteID}",
    "/CreditNotes/{CreditNoteID}/Allocations",
    "/CreditNotes/{CreditNoteID}/Allocations/{AllocationID}",
    "/Currencies",
    "/Invoices",
    "/Invoices/{InvoiceID}",
    "/Items",
    "/Items/{ItemID}",
    "/Organisation",
    "/Payments",
    "/Payments/{PaymentID}",
    "/TaxRates",
    "/TaxRates/{TaxType}",
    "/TrackingCategories",
    "/TrackingCategories/{TrackingCategoryID}",
    "/TrackingCategories/{TrackingCategoryID}/Options",
    "/TrackingCategories/{TrackingCategoryID}/Options/{TrackingOptionID}",
)
"""The paths whose operations, and all schemas reachable from them, are kept."""

METHODS = ("get", "put", "post", "delete")
FLAGS = {
    "x-is-money": "money",
    "x-is-msdate": "date",
    "x-is-msdate-time": "datetime",
    "readOnly": "read_only",
}

Json = dict[str, Any]


def distil(document: Json) -> Json:
    """Return the facts of an OpenAPI document that belong to ``ROOTS``."""
    operations = {
        operation["operationId"]: _operation(document, path, method, operation)
        for path in ROOTS
        for method, operation in document["paths"][path].items()
        if method in METHODS
    }
    pending = sorted({schema for facts in operations.values() for schema in _schemas_of(facts)})
    schemas: Json = {}
    while pending:
        name = pending.pop()
        if name not in schemas:
            schemas[name] = _schema(document["components"]["schemas"][name])
            pending += [field["ref"] for field in schemas[name].values() if "ref" in field]
    return {
        "version": document["info"]["version"],
        "operations": dict(sorted(operations.items())),
        "schemas": dict(sorted(schemas.items())),
    }


def _operation(document: Json, path: str, method: str, operation: Json) -> Json:
    """Return method, path, scopes, parameters and the schemas of both bodies."""
    facts: Json = {"method": method.upper(), "path": path, "scopes": _scopes(operation)}
    inherited = document["paths"][path].get("parameters", [])
    for parameter in (_resolved(document, part) for part in [*inherited, *operation.get("parameters", [])]):
        place = facts.setdefault(f"in_{parameter['in']}", {})
        place[parameter["name"]] = _type_of(parameter["schema"])
    if "requestBody" in operation:
        facts["sends"] = _body_schema(operation["requestBody"])
    if "200" in operation["responses"]:
        facts["returns"] = _body_schema(operation["responses"]["200"])
    return facts


def _scopes(operation: Json) -> list[str]:
    return sorted(scope for way in operation["security"] for scope in way.get("OAuth2", ()))


def _resolved(document: Json, part: Json) -> Json:
    if "$ref" not in part:
        return part
    found: Any = document
    for step in part["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return found


def _type_of(schema: Json) -> str:
    if "$ref" in schema:
        return str(_name(schema["$ref"]))
    return str(schema.get("format", schema["type"]))


def _body_schema(body: Json) -> str:
    return _name(body["content"]["application/json"]["schema"]["$ref"])


def _name(reference: str) -> str:
    return reference.rsplit("/", 1)[-1]


def _schemas_of(operation: Json) -> Iterator[str]:
    yield from (operation[side] for side in ("sends", "returns") if side in operation)


def _schema(schema: Json) -> Json:
    """Return the fields of an object; an enumeration that stands alone has one field without a name."""
    if "properties" not in schema:
        return {"": _field(schema)}
    required = schema.get("required", ())
    return {
        name: _field(field) | ({"required": True} if name in required else {})
        for name, field in schema["properties"].items()
    }


def _field(field: Json) -> Json:
    if "$ref" in field:
        return {"ref": _name(field["$ref"])} | _flags(field)
    if field["type"] == "array":
        return {"list": True} | _field(field["items"]) | _flags(field)
    facts: Json = {"type": field["type"]}
    facts |= {key: field[key] for key in ("format", "maxLength", "enum") if key in field}
    return facts | _flags(field)


def _flags(field: Json) -> Json:
    return {flag: True for key, flag in FLAGS.items() if field.get(key)}


def as_text(value: Any, depth: int = 0) -> str:
    """Return JSON in a stable order with one operation's part or one field a line."""
    if not isinstance(value, Mapping) or depth == 3:
        return json.dumps(value, ensure_ascii=False)
    indent = "  " * (depth + 1)
    lines = [f"{indent}{json.dumps(key)}: {as_text(part, depth + 1)}" for key, part in value.items()]
    return "{\n" + ",\n".join(lines) + "\n" + "  " * depth + "}"


def main() -> int:
    """Write the contract, or compare it; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("path", type=Path, help="Xero's xero_accounting.yaml")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when it would change")
    arguments = parser.parse_args()
    text = as_text(distil(YAML(typ="safe").load(arguments.path.read_text("utf-8")))) + "\n"
    if arguments.check:
        same = CONTRACT.exists() and CONTRACT.read_text("utf-8") == text
        print("up to date" if same else f"{CONTRACT} differs; run without --check")
        return 0 if same else 1
    CONTRACT.write_text(text, "utf-8")
    print(f"{CONTRACT}: {len(text)} characters")
    return 0


if __name__ == "__main__":
    sys.exit(main())
