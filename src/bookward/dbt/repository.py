"""dbt's artefacts in a git repository: its newest commit is fetched alone, by the git that is installed."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from filelock import FileLock
from pydantic import SecretStr

from bookward.dbt.fetching import Folder
from bookward.errors import SourceUnreachable

_SECONDS = 120
_MOST_WORDS = 500  # letters of what git says
_FILES = ("manifest.json", "run_results.json")
_CONFIG = {
    "core.hooksPath": "/dev/null",
    "http.followRedirects": "false",  # what signs in is for one address
    "gc.autoDetach": "false",
}


class Repository:
    """A branch, tag or commit of a repository, kept here as it was last fetched."""

    def __init__(self, url: str, ref: str, token: SecretStr | None, cache: Path) -> None:
        """Fetch nothing yet.

        Args:
            url: as git takes it; without a password.
            ref: name of a branch or tag, or a whole commit id; `HEAD` for the usual branch.
            token: signs in over https.
            cache: folder in which repositories are kept; anybody may remove it.
        """
        self._url = url
        self._ref = ref
        self._token = token
        self._kept = cache / hashlib.sha256(f"{url} {ref}".encode()).hexdigest()[:32]

    def folder(self, path: str) -> Folder:
        """Return a folder in it, which is fetched whenever somebody looks into it."""
        found: dict[str, bytes | None] = {}

        def look() -> None:
            found.update(self._files([f"{path.strip('/')}/{name}".lstrip("/") for name in _FILES]))

        shown = f"{path} of {self._url} at {self._ref}"
        return Folder(shown=shown, look=look, file=found.__getitem__)

    def _files(self, paths: Sequence[str]) -> dict[str, bytes | None]:
        """Return what files hold in the newest commit, by their names; None for those that are not there.

        Raises:
            SourceUnreachable: it cannot be fetched.
        """
        self._kept.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self._kept.with_suffix(".lock")):
            self._fetch()
            return {path.rpartition("/")[2]: self._content(path) for path in paths}

    def _fetch(self) -> None:
        known = self._kept.exists()
        if not known:
            self._git("init", "--quiet", "--bare", ".")
        fetched = self._git("fetch", "--quiet", "--depth=1", "--no-tags", "--", self._url, self._ref)
        if fetched.returncode == 0:
            return
        shutil.rmtree(self._kept, ignore_errors=True)  # a killed git may have left it as none can go on with
        if known:
            self._fetch()
            return
        raise SourceUnreachable(
            f"{self._ref} of {self._url} cannot be fetched: {_said(fetched)}",
            remedy="Check url, ref and token of `dbt_git` in project.yaml, and what may be read with them.",
        )

    def _content(self, path: str) -> bytes | None:
        shown = self._git("cat-file", "blob", f"FETCH_HEAD:{path}")
        return None if shown.returncode else shown.stdout

    def _git(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        self._kept.mkdir(exist_ok=True)
        try:
            return subprocess.run(  # noqa: S603  # words of ours; what people say stands behind `--`
                ["git", *words],  # noqa: S607  # the git that the machine has
                cwd=self._kept,
                env=self._environ(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            said = f"it did not end within {_SECONDS} seconds.".encode()
            return subprocess.CompletedProcess(words, 1, b"", said)
        except FileNotFoundError:
            raise SourceUnreachable("git is not installed on this machine.", remedy="Install git.") from None

    def _environ(self) -> dict[str, str]:
        """Return git's environment; in it, and in no word of the command, is the token."""
        environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        environ |= {
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ALLOW_PROTOCOL": "https:ssh:file",  # others run commands
            "GIT_SSH_COMMAND": os.environ.get("GIT_SSH_COMMAND", "ssh -oBatchMode=yes"),
            "LC_ALL": "C",
        }
        return environ | _configured({**_CONFIG, **self._signed_in()})

    def _signed_in(self) -> Mapping[str, str]:
        if self._token is None:
            return {}
        parts = urlsplit(self._url)
        whose = f"{parts.username or 'x-access-token'}:{self._token.get_secret_value()}"
        header = f"Authorization: Basic {base64.b64encode(whose.encode()).decode()}"
        return {f"http.https://{parts.netloc.rpartition('@')[2]}/.extraHeader": header}


def _configured(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the environment in which git has these settings beside the machine's."""
    said = {"GIT_CONFIG_COUNT": str(len(settings))}
    for place, (name, value) in enumerate(settings.items()):
        said |= {f"GIT_CONFIG_KEY_{place}": name, f"GIT_CONFIG_VALUE_{place}": value}
    return said


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    said = " ".join(done.stderr.decode(errors="replace").split())
    return said[:_MOST_WORDS] or "git does not say why."
