"""The project's files, of every kind, read and written as the app does it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated

from fastapi import Body, Header
from starlette.requests import Request
from starlette.responses import Response

from bookward.app import App
from bookward.errors import RoleTooLow, VersionNeeded
from bookward.serving import Caller, Role
from bookward.web.answers import answer
from bookward.web.fileshapes import (
    KINDS_WITH_SECRETS,
    Difference,
    FileShape,
    Followed,
    HistoryShape,
    Kind,
    Names,
    NewFile,
    NewName,
    Reverting,
    SavedShape,
    Written,
    audited,
    audited_save,
    etag_of,
    file_document,
    saved_answer,
    version_document,
)
from bookward.web.people import PageSize
from bookward.web.routes import Routes
from bookward.web.session import AccessHere, CallerHere

routes = Routes("files")

IfMatch = Annotated[
    str | None, Header(description="The ETag under which the file was seen; without it nothing is changed.")
]


def app_of(request: Request) -> App:
    """Return the app of the project."""
    app: App = request.app.state.bookward
    return app


@routes.route("GET", "/schemas/{kind}", needs=Role.VIEWER, gives=None)
def get_schema(request: Request, kind: Kind) -> Response:
    """Return the JSON Schema of the values of a kind."""
    return answer(app_of(request).files.schema(kind))


@routes.route("GET", "/files/{kind}", needs=Role.VIEWER, gives=Names)
def list_files(request: Request, kind: Kind) -> Response:
    """List the names of all files of a kind, broken ones too."""
    return answer({"items": list(app_of(request).files.slugs(kind)), "next": None})


@routes.route("POST", "/files/{kind}", needs=Role.EDITOR, gives=SavedShape, status=201, headers=["ETag"])
def create_file(
    request: Request,
    kind: Kind,
    said: Annotated[NewFile, Body()],
    caller: CallerHere,
    access: AccessHere,
) -> Response:
    """Write a new file; refused as a whole when it would be wrong."""
    target = f"{kind}/{said.slug}"
    with access.audit.around(caller, "file.create", target) as after:
        saved = app_of(request).files.create(kind, said.slug, caller.person, **said.given)
        after.update(audited_save(saved, said))
    return saved_answer(saved, 201)


@routes.route(
    "GET", "/files/{kind}/{slug}", needs=Role.VIEWER, gives=FileShape, refuses=[404], headers=["ETag"]
)
def get_file(request: Request, kind: Kind, slug: str) -> Response:
    """Return one file, with what is wrong with it."""
    found = app_of(request).files.get(kind, slug)
    return answer(file_document(found), headers=etag_of(found))


@routes.route(
    "PUT",
    "/files/{kind}/{slug}",
    needs=Role.EDITOR,
    gives=SavedShape,
    refuses=[404, 412, 428],
    headers=["ETag"],
)
def replace_file(
    request: Request,
    kind: Kind,
    slug: str,
    said: Annotated[Written, Body()],
    caller: CallerHere,
    access: AccessHere,
    if_match: IfMatch = None,
) -> Response:
    """Write a file anew; refused when somebody else has changed it, or when it would be wrong.

    The project's own file says what is kept and who is told: it takes an admin.
    """
    _require_admin(kind, caller)
    etag, files = _seen(if_match), app_of(request).files
    _require_approver(kind, caller, partial(files.weakened, slug, **said.contents))
    before = audited(files.get(kind, slug))
    with access.audit.around(caller, "file.replace", f"{kind}/{slug}", before) as after:
        saved = files.replace(kind, slug, caller.person, etag, **said.given)
        after.update(audited_save(saved, said))
    return saved_answer(saved)


@routes.route("DELETE", "/files/{kind}/{slug}", needs=Role.EDITOR, gives=SavedShape, refuses=[404, 412, 428])
def delete_file(
    request: Request,
    kind: Kind,
    slug: str,
    caller: CallerHere,
    access: AccessHere,
    if_match: IfMatch = None,
) -> Response:
    """Remove a file that no other refers to."""
    etag, files = _seen(if_match), app_of(request).files
    _require_approver(kind, caller, lambda: files.guards(slug))
    before = audited(files.get(kind, slug))
    with access.audit.around(caller, "file.delete", f"{kind}/{slug}", before) as after:
        saved = files.delete(kind, slug, caller.person, etag)
        after.update(audited_save(saved))
    return saved_answer(saved)


@routes.route(
    "POST",
    "/syncs/{slug}/rename",
    needs=Role.EDITOR,
    gives=SavedShape,
    refuses=[404, 412, 428],
    headers=["ETag"],
)
def rename_sync(
    request: Request,
    slug: str,
    said: Annotated[NewName, Body()],
    caller: CallerHere,
    access: AccessHere,
    if_match: IfMatch = None,
) -> Response:
    """Give a sync another name, with everything that is known about it."""
    etag = _seen(if_match)
    with access.audit.around(caller, "sync.rename", f"syncs/{slug}", {"slug": slug}) as after:
        saved = app_of(request).files.rename_sync(slug, said.slug, caller.person, etag)
        after.update(audited_save(saved), slug=said.slug)
    return saved_answer(saved)


@routes.route(
    "POST",
    "/destinations/{slug}/rename",
    needs=Role.ADMIN,
    gives=SavedShape,
    refuses=[404, 412, 428],
    headers=["ETag"],
)
def rename_destination(
    request: Request,
    slug: str,
    said: Annotated[NewName, Body()],
    caller: CallerHere,
    access: AccessHere,
    if_match: IfMatch = None,
) -> Response:
    """Give a destination that no sync refers to yet another name, with its sign-in."""
    etag = _seen(if_match)
    with access.audit.around(caller, "destination.rename", f"destinations/{slug}", {"slug": slug}) as after:
        saved = app_of(request).files.rename("destinations", slug, said.slug, caller.person, etag)
        after.update(audited_save(saved), slug=said.slug)
    return saved_answer(saved)


@routes.route(
    "POST",
    "/files/{kind}/{slug}/rename",
    needs=Role.EDITOR,
    gives=SavedShape,
    refuses=[404, 412, 428],
    headers=["ETag"],
)
def rename_file(
    request: Request,
    kind: Followed,
    slug: str,
    said: Annotated[NewName, Body()],
    caller: CallerHere,
    access: AccessHere,
    if_match: IfMatch = None,
) -> Response:
    """Give a source, model or alert another name; the files that refer to it follow."""
    etag = _seen(if_match)
    with access.audit.around(caller, "file.rename", f"{kind}/{slug}", {"slug": slug}) as after:
        saved = app_of(request).files.rename(kind, slug, said.slug, caller.person, etag)
        after.update(audited_save(saved), slug=said.slug)
    return saved_answer(saved)


@routes.route("GET", "/files/{kind}/{slug}/history", needs=Role.VIEWER, gives=HistoryShape, refuses=[404])
def get_history(request: Request, kind: Kind, slug: str, limit: PageSize = 100) -> Response:
    """List who changed a file, the newest first; also of one that is gone."""
    found = app_of(request).files.history(kind, slug, limit)
    items = [version_document(each) for each in found.versions]
    return answer({"items": items, "next": None, "missing": found.missing})


@routes.route(
    "GET", "/files/{kind}/{slug}/history/{version}", needs=Role.VIEWER, gives=Difference, refuses=[404]
)
def get_difference(request: Request, kind: Kind, slug: str, version: str) -> Response:
    """Return what a version changed."""
    with_secrets = kind not in KINDS_WITH_SECRETS
    return answer({"diff": app_of(request).files.diff(kind, slug, version, with_secrets=with_secrets)})


@routes.route(
    "POST",
    "/files/{kind}/{slug}/revert",
    needs=Role.EDITOR,
    gives=SavedShape,
    refuses=[404, 412, 428],
    headers=["ETag"],
)
def revert_file(
    request: Request,
    kind: Kind,
    slug: str,
    said: Annotated[Reverting, Body()],
    caller: CallerHere,
    access: AccessHere,
    if_match: IfMatch = None,
) -> Response:
    """Write a file as it was in a version. Without If-Match only one that is gone comes back."""
    _require_admin(kind, caller)
    etag = _seen(if_match) if if_match is not None else None
    files, before = app_of(request).files, {"version": said.version}
    if etag is not None and kind is Kind.SYNCS:
        text, _ = files.texts_of(kind, slug, said.version)
        _require_approver(kind, caller, partial(files.weakened, slug, text=text))
    with access.audit.around(caller, "file.revert", f"{kind}/{slug}", before) as after:
        saved = files.revert(kind, slug, said.version, caller.person, etag)
        after.update(audited_save(saved))
    return saved_answer(saved)


def _require_approver(kind: Kind, caller: Caller, weakened: Callable[[], Sequence[str]]) -> None:
    """Refuse to let anybody but approvers weaken the guards of a sync: an editor could go round an approval.

    Raises:
        RoleTooLow: guards would hold less, and the caller is no approver.
    """
    if kind is Kind.SYNCS and not caller.role.may(Role.APPROVER) and (names := weakened()):
        raise RoleTooLow(
            f"The guards of this sync would hold less ({', '.join(names)}): it needs the role approver.",
            remedy="Leave them as they are, or ask an approver to save it.",
        )


def _require_admin(kind: Kind, caller: Caller) -> None:
    """Refuse to change the project's own file to everybody but admins.

    Raises:
        RoleTooLow: the caller is none.
    """
    if kind is Kind.PROJECT and not caller.role.may(Role.ADMIN):
        raise RoleTooLow("Only an admin changes the settings of the project.")


def _seen(if_match: str | None) -> str:
    """Return the ETag of a header If-Match.

    Raises:
        VersionNeeded: there is none. "*" does not do: it would overwrite what nobody has seen.
    """
    etag = (if_match or "").strip()
    if not etag or etag == "*":
        raise VersionNeeded("The request does not say which version of the file it is about.")
    return etag.removeprefix("W/").strip('"')
