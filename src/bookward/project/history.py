"""The past of a project's files, as git keeps it, where the project's folder is in a work tree.

The git that is installed does it, by commands: what it is asked to do here is what a person would type, and
every repository that a person's git can read is readable so.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bookward.errors import NameUnknown
from bookward.records import Person

_IN_PROGRESS = {
    "MERGE_HEAD": "a merge",
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
    "BISECT_LOG": "a bisection",
}
_COMMITTER = Person(name="Bookward", email="bookward@localhost")
_BY_US = (f"--author={_COMMITTER.name} <{_COMMITTER.email}>", "--no-verify")
_ID = re.compile(r"[0-9a-f]{40,64}")
_FORMAT = "%x1e%H%x1f%an%x1f%ae%x1f%aI%x1f%s"
_FILES_OF_DIFF = re.compile(r"^(?:---|\+\+\+) [ab]/(.+)$", re.MULTILINE)
_SECONDS = 60
_NOT_IN_GIT = "The project's folder is not in git: `git init` in it keeps versions."
_ANOTHERS = "The git repository around the project's folder belongs to another user, so git does not read it."
_TRUST = re.compile(r"git config --global --add safe\.directory \S.*")  # what git itself says to do
_IGNORED = "The git repository around the project's folder ignores it: `git init` in it keeps versions."
_QUIET = ("-c", "core.hooksPath=/dev/null", "-c", "core.quotePath=false", "-c", "commit.gpgSign=false")


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One commit that changed an object's files."""

    id: str
    author: Person
    at: datetime
    message: str  #: its first line
    files: tuple[str, ...]  #: their paths in the project at that time; none when they were deleted


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The versions of an object, newest first."""

    versions: tuple[Version, ...] = ()
    missing: str = ""  #: why there is no history, where there is none


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """What became of a save in git: the commit's id, or why there is none."""

    id: str | None
    reason: str = ""


class Git:
    """The work tree that a project's folder is in, if it is in one."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def missing(self) -> str:
        """Return why there is no history of the folder; "" when there is one."""
        try:
            found = self._git("rev-parse", "--is-inside-work-tree", check=False)
        except OSError:
            return "git is not installed."
        if trust := _TRUST.search(found.stderr.decode(errors="replace")):
            return f"{_ANOTHERS} `{trust[0]}`, run as the user that Bookward runs as, lets it."
        if found.returncode or found.stdout.strip() != b"true":
            return _NOT_IN_GIT
        return ""

    def begin(self, message: str) -> Committed:
        """Make a repository of the folder, with all that it does not ignore as the first version."""
        try:
            made = self._git("init", "--quiet", check=False)
        except OSError:
            return Committed(id=None, reason="git is not installed.")
        for words in (
            ()
            if made.returncode
            else (("add", "--all"), ("commit", *_BY_US, "--quiet", f"--message={message}"))
        ):
            made = self._git(*words, check=False)
            if made.returncode:
                break
        if made.returncode:
            return Committed(id=None, reason=_said(made))
        return Committed(id=self._git("rev-parse", "HEAD").stdout.decode().strip())

    def keep(self, files: Sequence[str]) -> None:
        """Commit what git does not know yet of some files, as it stands, so that a save can be taken back."""
        if not self.missing():
            new = [file for file in files if (self._root / file).exists() and not self._is_tracked(file)]
            if new:
                self.commit(new, "As it was when git was begun", _COMMITTER)

    def commit(self, files: Sequence[str], message: str, author: Person) -> Committed:
        """Commit exactly these files; whatever else is staged or changed stays as it is.

        No hook runs and nothing is signed: a save must not wait for a person. Nothing is raised: what keeps
        git from it is the reason in the answer.

        Args:
            files: paths in the project, of files that may be gone.
            message: of the commit.
            author: the person who saved; the committer is Bookward.
        """
        if why := self.missing() or self._in_progress():
            return Committed(id=None, reason=why)
        known = [file for file in files if self._is_tracked(file)]
        new = [file for file in files if file not in known and (self._root / file).exists()]
        added = self._git("add", "--intent-to-add", "--", *new, check=False) if new else None
        if added is not None and added.returncode:
            return Committed(id=None, reason=_said(added))
        if not known and not new:
            return Committed(id=None, reason="git did not know the file.")
        done = self._git(
            "commit", "--quiet", "--no-verify", "--cleanup=verbatim", f"--message={message}",
            f"--author={_clean(author.name)} <{_clean(author.email)}>", "--only", "--", *known, *new,
            check=False,
        )  # fmt: skip
        if done.returncode:
            if new:
                self._git("reset", "--quiet", "--", *new, check=False)
            return Committed(id=None, reason=_said(done) or "Nothing differs from the last commit.")
        return Committed(id=self._git("rev-parse", "HEAD").stdout.decode().strip())

    def history(self, files: Sequence[str], limit: int | None = None) -> History:
        """Return the newest versions of the files, or all, also under names that they had before."""
        if why := self.missing():
            return History(missing=why)
        found: dict[str, Version] = {}
        for file in files:
            for version in self._log(file, limit):
                other = found.get(version.id)
                both = (*other.files, *version.files) if other else version.files
                found[version.id] = Version(
                    id=version.id, author=version.author, at=version.at, message=version.message, files=both
                )
        if not found:
            return History(missing=self._why_none(files))
        newest = sorted(found.values(), key=lambda version: version.at, reverse=True)
        return History(versions=tuple(newest[:limit]))

    def content(self, version: str, file: str, *, before: bool = False) -> bytes | None:
        """Return what a file held in a version, or before it; None when it was not there."""
        shown = self._git("show", f"{_known(version)}{'^' if before else ''}:./{file}", check=False)
        return None if shown.returncode else shown.stdout

    def texts(self, version: str, diff: str) -> Iterator[str]:
        """Yield the whole texts, before and after a version, of the files in what it changed."""
        for file in sorted(set(_FILES_OF_DIFF.findall(diff))):
            for before in (True, False):
                if held := self.content(version, file, before=before):
                    yield held.decode(errors="replace")

    def diff(self, version: str, files: Sequence[str]) -> str:
        """Return what a version changed in the files, as a unified diff.

        Raises:
            NameUnknown: there is no such version.
        """
        shown = self._git(
            "show", "--format=", "--no-ext-diff", "--no-textconv", "--relative", "--find-renames",
            "--no-color", "--src-prefix=a/", "--dst-prefix=b/", _known(version), "--", *files,
            check=False,
        )  # fmt: skip
        if shown.returncode:
            raise NameUnknown(f"There is no version {version[:12]}.", remedy="The history lists them.")
        return shown.stdout.decode(errors="replace")

    def _log(self, file: str, limit: int | None) -> Iterator[Version]:
        logged = self._git(
            "log", "--follow", "--relative", f"--max-count={-1 if limit is None else limit}",
            f"--format={_FORMAT}", "--name-status", "--", file,
            check=False,
        )  # fmt: skip
        for entry in logged.stdout.decode(errors="replace").split("\x1e")[1:]:
            head, *rest = entry.split("\n")
            id_, name, email, at, message = head.split("\x1f", 4)
            states = [line.split("\t") for line in rest if line]
            yield Version(
                id=id_,
                author=Person(name=name, email=email),
                at=datetime.fromisoformat(at),
                message=message,
                files=tuple(state[-1] for state in states if state[0] != "D"),
            )
            # git goes on with a file that is merely like it and still there: that is another object's past.
            if any(state[0].startswith("C") for state in states):
                return

    def _why_none(self, files: Sequence[str]) -> str:
        seen = self._git("ls-files", "--cached", "--others", "--exclude-standard", "--", *files, check=False)
        return "No version yet: the next save keeps one." if seen.stdout else _IGNORED

    def _in_progress(self) -> str:
        folder = self._root / self._git("rev-parse", "--git-dir").stdout.decode().strip()
        found = next((what for name, what in _IN_PROGRESS.items() if (folder / name).exists()), None)
        return f"The repository is in the middle of {found}." if found else ""

    def _is_tracked(self, file: str) -> bool:
        return not self._git("ls-files", "--error-unmatch", "--", file, check=False).returncode

    def _git(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[bytes]:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        environ |= {
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_LITERAL_PATHSPECS": "1",
            "GIT_COMMITTER_NAME": _COMMITTER.name,
            "GIT_COMMITTER_EMAIL": _COMMITTER.email,
            "LC_ALL": "C",
        }
        try:
            return subprocess.run(  # noqa: S603  # words of ours, paths of slugs, ids of hexadecimal digits
                ["git", *_QUIET, *words],  # noqa: S607  # the git that the person uses
                cwd=self._root,
                env=environ,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_SECONDS,
                check=check,
            )
        except subprocess.TimeoutExpired:
            said = f"It did not end within {_SECONDS} seconds.".encode()
            return subprocess.CompletedProcess(words, 1, b"", said)


def _known(version: str) -> str:
    if not _ID.fullmatch(version):
        raise NameUnknown(f"{version!r} is no version.", remedy="The history lists them, by whole ids.")
    return version


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    return f"git: {lines[0]}" if lines else ""


def _clean(text: str) -> str:
    """Return a name as git takes it: without brackets and line ends."""
    return re.sub(r"[<>\r\n\0]", " ", text).strip() or "unknown"
