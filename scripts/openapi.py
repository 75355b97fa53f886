"""Write the description of the API, from which the web app's types are made: scripts/openapi.py FILE."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bookward.app import App, init
from bookward.web.server import create_api


def main() -> None:
    """Write it."""
    with TemporaryDirectory() as folder:
        project = Path(folder) / "project"
        init(project)
        app = App(project, environ={"BOOKWARD_STATE": f"{folder}/state"})
        try:
            document = create_api(app, url="http://localhost:8000").openapi()
        finally:
            app.close()
    Path(sys.argv[1]).write_text(json.dumps(_without_errors(document), indent=1) + "\n")


def _without_errors(document: dict[str, Any]) -> dict[str, Any]:
    """Leave out the errors of each route: they have one shape, and would be most of the types."""
    for path in document["paths"].values():
        for operation in path.values():
            answers = operation["responses"]
            operation["responses"] = {status: each for status, each in answers.items() if status < "400"}
    return document


if __name__ == "__main__":
    main()
