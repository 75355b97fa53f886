from __future__ import annotations

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_the_web_app_knows_the_routes_as_they_are() -> None:
    spec = importlib.util.spec_from_file_location("openapi", ROOT / "scripts" / "openapi.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    first = (ROOT / "ui" / "src" / "api" / "schema.d.ts").read_text().partition("\n")[0]
    assert first.endswith(module.digest(module.description())), "stale: run `make ui-types`"
