"""Who gets in, as what, until when; and that every change stands in the audit log, or was not made."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from bookward.access import links as links_file
from bookward.access.access import Access
from bookward.access.auditing import Audit
from bookward.access.caller import Caller, shell
from bookward.access.roles import Role
from bookward.errors import (
    LastAdmin,
    LinkDead,
    NameUnknown,
    PasswordWeak,
    PersonKnown,
    RequestInvalid,
    SignInNeeded,
    SignInRefused,
)
from bookward.store.store import Store
from tests.fakes import FakeClock
from tests.unit.access.conftest import PASSWORD, joined, signed_in


def actions(access: Access) -> list[str]:
    return [entry.action for entry in reversed(access.audit.page(None, 100))]


def test_a_role_may_what_those_before_it_may() -> None:
    assert [[role.may(needed) for needed in Role] for role in Role] == [
        [True, False, False, False],
        [True, True, False, False],
        [True, True, True, False],
        [True, True, True, True],
    ]
    assert Role.ADMIN.at_most(Role.EDITOR) is Role.EDITOR.at_most(Role.ADMIN) is Role.EDITOR


def test_the_first_link_makes_one_admin_and_dies(access: Access) -> None:
    old, new = access.links.first(shell("root")), access.links.first(shell("root"))
    assert old
    assert new
    with pytest.raises(LinkDead):
        access.links.accept(old, PASSWORD, name="Ana", email="ana@example.com")
    member = access.links.accept(new, PASSWORD, name=" Ana ", email=" Ana@Example.com ")
    assert (member.email, member.name, member.role) == ("ana@example.com", "Ana", Role.ADMIN)
    assert access.links.first(shell("root")) is None
    with pytest.raises(LinkDead):
        access.links.accept(new, PASSWORD, name="Eve", email="eve@example.com")
    assert actions(access) == ["link.make", "link.make", "person.join"]


def test_a_link_that_two_use_at_once_adds_one(access: Access) -> None:
    secret = access.links.first(shell("root"))
    assert secret

    def use(number: int) -> str:
        try:
            return access.links.accept(secret, PASSWORD, name="x", email=f"{number}@example.com").email
        except LinkDead:
            return "dead"

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(use, range(8)))
    assert found.count("dead") == 7
    assert len(access.people.list()) == 1


def test_an_invitation_that_cannot_be_taken_is_not_used_up(
    access: Access, admin: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, link = access.links.invite(admin, "Ben@example.com", Role.EDITOR)
    for wrong in ({"password": "short", "name": "Ben"}, {"password": PASSWORD, "name": " "}):
        with pytest.raises((PasswordWeak, RequestInvalid)):
            access.links.accept(secret, **wrong)
    with monkeypatch.context() as patched:

        def fails(*_: object, **__: object) -> None:
            raise OSError("the disk is gone")

        patched.setattr(links_file.persons, "add", fails)
        with pytest.raises(OSError, match="gone"):
            access.links.accept(secret, PASSWORD, name="Ben")
    assert [each.id for each in access.links.list()] == [link.id]
    assert access.links.accept(secret, PASSWORD, name="Ben").email == "ben@example.com"
    assert access.links.list() == []


def test_nothing_is_changed_that_cannot_be_written_into_the_audit_log(
    access: Access, admin: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    ben = joined(access, admin, "ben@example.com", Role.EDITOR)
    bearer, _ = signed_in(access, ben)
    secret, link = access.links.invite(admin, "cy@example.com", Role.VIEWER)
    _, token = access.tokens.make(admin, "ci", Role.VIEWER, timedelta(days=1))

    def fails(*_: object, **__: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr(Audit, "write", fails)
    tries = (
        lambda: access.people.change(admin, ben.id, disabled=True),
        lambda: access.links.accept(secret, PASSWORD, name="Cy"),
        lambda: access.links.invite(admin, "di@example.com", Role.VIEWER),
        lambda: access.links.withdraw(admin, link.id),
        lambda: access.tokens.make(admin, "more", Role.VIEWER, timedelta(days=1)),
        lambda: access.tokens.revoke(admin, token.id),
        lambda: access.sessions.end(admin, ben.id, access.sessions.list(ben.id)[0].id),
        lambda: signed_in(access, ben),
    )
    for each in tries:
        with pytest.raises(OSError, match="no room"):
            each()
    assert access.sessions.caller(bearer, "").id == ben.id
    assert [member.email for member in access.people.list()] == ["ana@example.com", "ben@example.com"]
    assert [each.id for each in access.links.list()] == [link.id]
    assert [each.id for each in access.tokens.list()] == [token.id]
    assert len(access.sessions.list(ben.id)) == 1


def test_a_link_dies_with_its_time(access: Access, admin: Caller, clock: FakeClock) -> None:
    secret, _ = access.links.invite(admin, "ben@example.com", Role.EDITOR, timedelta(hours=1))
    assert access.links.look(secret).role is Role.EDITOR
    clock.jump(hours=1)
    with pytest.raises(LinkDead):
        access.links.look(secret)
    assert access.links.list() == []


def test_nobody_is_invited_twice_or_without_an_address(access: Access, admin: Caller) -> None:
    with pytest.raises(PersonKnown):
        access.links.invite(admin, "ANA@example.com", Role.VIEWER)
    with pytest.raises(RequestInvalid):
        access.links.invite(admin, "nobody", Role.VIEWER)
    one, _ = access.links.invite(admin, "ben@example.com", Role.VIEWER)
    two, _ = access.links.invite(admin, "ben@example.com", Role.VIEWER)
    access.links.accept(one, PASSWORD, name="Ben")
    with pytest.raises(PersonKnown):
        access.links.accept(two, PASSWORD, name="Ben")


def test_a_link_that_is_withdrawn_is_dead(access: Access, admin: Caller) -> None:
    secret, link = access.links.invite(admin, "ben@example.com", Role.VIEWER)
    access.links.withdraw(admin, link.id)
    with pytest.raises(LinkDead):
        access.links.look(secret)
    with pytest.raises(NameUnknown):
        access.links.withdraw(admin, link.id)


def test_a_reset_gives_another_password_and_ends_the_sessions(access: Access, admin: Caller) -> None:
    ben = joined(access, admin, "ben@example.com", Role.EDITOR)
    bearer, _ = signed_in(access, ben)
    secret, _ = access.links.reset(shell("root"), ben.id)
    assert access.sessions.caller(bearer, "").email == "ben@example.com"
    assert access.links.accept(secret, "another one altogether").id == ben.id
    with pytest.raises(SignInNeeded):
        access.sessions.caller(bearer, "")
    with pytest.raises(SignInRefused):
        signed_in(access, ben)
    assert access.sign_in("ben@example.com", "another one altogether", "", "")[1].role is Role.EDITOR
    with pytest.raises(NameUnknown):
        access.links.reset(shell("root"), "nobody")


def test_who_is_disabled_is_out_at_once_and_for_good(access: Access, admin: Caller) -> None:
    ben = joined(access, admin, "ben@example.com", Role.EDITOR)
    bearer, caller = signed_in(access, ben)
    token, _ = access.tokens.make(caller, "ci", Role.VIEWER, timedelta(days=1))
    access.people.change(admin, ben.id, disabled=True)
    for use in (access.sessions.caller, access.tokens.caller):
        for bears in (bearer, token):
            with pytest.raises(SignInNeeded):
                use(bears, "")
    with pytest.raises(SignInRefused):
        signed_in(access, ben)
    access.people.change(admin, ben.id, disabled=False)
    with pytest.raises(SignInNeeded):
        access.tokens.caller(token, "")
    assert signed_in(access, ben)[1].role is Role.EDITOR


def test_a_changed_role_holds_from_the_next_request(access: Access, admin: Caller) -> None:
    ben = joined(access, admin, "ben@example.com", Role.ADMIN)
    bearer, caller = signed_in(access, ben)
    token, _ = access.tokens.make(caller, "ci", Role.APPROVER, timedelta(days=1))
    access.people.change(admin, ben.id, role=Role.EDITOR, name="Benedict")
    assert access.sessions.caller(bearer, "").role is Role.EDITOR
    assert access.tokens.caller(token, "").role is Role.EDITOR
    entry = access.audit.page(None, 1, action="person.change")[0]
    assert (entry.before["role"], entry.after["role"], entry.after["name"]) == ("admin", "editor", "Benedict")
    assert (entry.who, entry.target) == ("ana@example.com", f"people/{ben.id}")


@pytest.mark.parametrize("change", [{"role": Role.EDITOR}, {"disabled": True}])
def test_the_last_admin_stays(access: Access, admin: Caller, change: dict[str, object]) -> None:
    assert admin.id
    with pytest.raises(LastAdmin):
        access.people.change(admin, admin.id, **change)
    assert access.people.get(admin.id).role is Role.ADMIN
    with pytest.raises(NameUnknown):
        access.people.change(admin, "nobody", **change)


def test_what_died_meanwhile_stays_begun(access: Access, admin: Caller) -> None:
    with access.audit.around(admin, "file.replace", "syncs/users", {"etag": "1"}) as after:
        assert access.audit.page(None, 1)[0].outcome == "begun"
        after["etag"] = "2"
    with pytest.raises(NameUnknown), access.audit.around(admin, "file.delete", "syncs/users"):
        raise NameUnknown("gone")
    with pytest.raises(KeyError), access.audit.around(admin, "file.delete", "syncs/user"):
        raise KeyError
    entries = access.audit.page(None, 3)
    assert [entry.outcome for entry in entries] == ["fault", "name_unknown", "done"]
    assert (entries[2].before, entries[2].after) == ({"etag": "1"}, {"etag": "2"})
    assert len(access.audit.page(None, 9, target="syncs/users")) == 2
    assert len(access.audit.page(None, 9, target="syncs")) == 3
    assert access.audit.page(entries[2].number, 9, who="nobody@example.com") == []
    assert all(entry.number < entries[2].number for entry in access.audit.page(entries[2].number, 9))


def test_a_secret_is_set_with_its_audit_entry_or_not_at_all(
    store: Store, access: Access, admin: Caller
) -> None:
    def fails(_: Connection) -> None:
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        store.secrets.set("KEY", "value", "ana", fails)
    assert store.secrets.list() == []

    def written(connection: Connection) -> None:
        access.audit.write(connection, admin, "secret.set", "secrets/KEY")

    store.secrets.set("KEY", "value", "ana", written)
    with pytest.raises(OSError, match="no room"):
        store.secrets.remove("KEY", fails)
    assert store.secrets.get("KEY") == "value"
    assert access.audit.page(None, 1)[0].action == "secret.set"
