"""Write the description of the API, from which the web app's types are made: scripts/openapi.py FILE.

Prints the digest of it, which stands at the top of the types: a test fails when it is another one by now.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bookward.app import App, init
from bookward.web.server import create_api


def main() -> None:
    """Write it."""
    text = description()
    Path(sys.argv[1]).write_text(text)
    print(digest(text))


def digest(text: str) -> str:
    """Return what tells one description from another."""
    return hashlib.sha256(text.encode()).hexdigest()


def description() -> str:
    """Return the description as JSON, without what types do not need."""
    with TemporaryDirectory() as folder:
        project = Path(folder) / "project"
        init(project)
        app = App(project, environ={"BOOKWARD_STATE": f"{folder}/state"})
        try:
            document = create_api(app, url="http://localhost:8000").openapi()
        finally:
            app.close()
    return json.dumps(_for_types(document), indent=1) + "\n"


def _for_types(document: dict[str, Any]) -> dict[str, Any]:
    """Leave out what types do not need: the errors of each route, which have one shape, and the examples."""
    for path in document["paths"].values():
        for operation in path.values():
            answers = operation["responses"]
            operation["responses"] = {status: each for status, each in answers.items() if status < "400"}
            for part in [operation.get("requestBody", {}), *operation["responses"].values()]:
                for content in part.get("content", {}).values():
                    content.pop("example", None)
    return document


if __name__ == "__main__":
    main()
