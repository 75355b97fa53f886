"""Who gets in, as what, until when; and that every change stands in the audit log, or was not made."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from bookward.access import links as links_file
from bookward.access.access import Access
from bookward.access.answers import Answer
from bookward.access.auditing import Audit
from bookward.access.caller import Caller, shell
from bookward.access.passwords import Passwords, require_strong
from bookward.access.roles import Role
from bookward.access.sessions import IDLE, LIFE, csrf_of
from bookward.access.throttle import MOST_FOR_EMAIL, MOST_FROM_ADDRESS, MOST_HERE, WINDOW
from bookward.errors import (
    KeyReused,
    LastAdmin,
    LinkDead,
    NameUnknown,
    PasswordWeak,
    PersonKnown,
    RequestInvalid,
    RequestUnfinished,
    RoleTooLow,
    SignInNeeded,
    SignInRefused,
    TooManyRequests,
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


def test_a_session_ends_idle_old_or_by_hand(access: Access, admin: Caller, clock: FakeClock) -> None:
    ben = joined(access, admin, "ben@example.com", Role.EDITOR)
    idle, _ = signed_in(access, ben)
    clock.jump(seconds=(IDLE - timedelta(seconds=1)).total_seconds())
    kept, caller = signed_in(access, ben)
    assert access.sessions.caller(kept, "10.9.9.9").address == "10.9.9.9"
    clock.jump(seconds=1)
    with pytest.raises(SignInNeeded):
        access.sessions.caller(idle, "")
    began = clock.now()
    while clock.now() - began < LIFE - timedelta(days=1):
        clock.jump(days=1)
        assert access.sessions.caller(kept, "").id == ben.id
    clock.jump(days=1)
    with pytest.raises(SignInNeeded):
        access.sessions.caller(kept, "")
    bearer, caller = signed_in(access, ben)
    (session,) = access.sessions.list(ben.id)
    with pytest.raises(NameUnknown):
        access.sessions.end(admin, admin.id or "", session.id)
    access.sessions.end(caller, ben.id, session.id)
    with pytest.raises(SignInNeeded):
        access.sessions.caller(bearer, "")
    assert csrf_of(bearer) != csrf_of(kept)


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


def test_a_password_is_changed_by_who_knows_the_old_one(access: Access, admin: Caller) -> None:
    other, _ = access.sign_in(admin.email, PASSWORD, "", "")
    mine = admin.via.removeprefix("session:")
    with pytest.raises(SignInRefused):
        access.people.change_password(admin, "wrong", "another one altogether", mine)
    with pytest.raises(PasswordWeak):
        access.people.change_password(admin, PASSWORD, "ana@example.com", mine)
    access.people.change_password(admin, PASSWORD, "another one altogether", mine)
    with pytest.raises(SignInNeeded):
        access.sessions.caller(other, "")
    assert [each.id for each in access.sessions.list(admin.id or "")] == [mine]


@pytest.mark.parametrize("weak", ["short", "aaaaaaaaaaaaaaaa", "x" * 201, "ANA@example.com"])
def test_a_weak_password_is_refused(weak: str) -> None:
    with pytest.raises(PasswordWeak):
        require_strong(weak, "ana@example.com")


def test_argon2_keeps_passwords_as_it_is_recommended() -> None:
    passwords = Passwords()
    kept = passwords.hash(PASSWORD)
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords.right(kept, PASSWORD)
    assert not passwords.right(kept, PASSWORD + "x")
    assert not passwords.right(None, "the password of nobody")
    assert not passwords.right("no hash at all", PASSWORD)


def test_a_token_is_a_part_of_its_person_for_a_time(access: Access, admin: Caller, clock: FakeClock) -> None:
    ben = joined(access, admin, "ben@example.com", Role.EDITOR)
    _, caller = signed_in(access, ben)
    bearer, token = access.tokens.make(caller, "ci", Role.VIEWER, timedelta(days=1))
    used = access.tokens.caller(bearer, "10.0.0.2")
    assert (used.role, used.email, used.via) == (Role.VIEWER, "ben@example.com", f"token:{token.id}")
    assert access.tokens.list(ben.id)[0].used_at == clock.now()
    with pytest.raises(RoleTooLow):
        access.tokens.make(caller, "more", Role.APPROVER, timedelta(days=1))
    with pytest.raises(RoleTooLow):
        access.tokens.make(used, "its own child", Role.VIEWER, timedelta(days=9))
    clock.jump(days=1)
    with pytest.raises(SignInNeeded):
        access.tokens.caller(bearer, "")


def test_a_token_is_revoked_by_its_person_or_an_admin(access: Access, admin: Caller) -> None:
    ben = joined(access, admin, "ben@example.com", Role.EDITOR)
    _, caller = signed_in(access, ben)
    of_admin, kept = access.tokens.make(admin, "ops", Role.ADMIN, timedelta(days=1))
    bearer, token = access.tokens.make(caller, "ci", Role.VIEWER, timedelta(days=1))
    with pytest.raises(NameUnknown):
        access.tokens.revoke(caller, kept.id)
    access.tokens.revoke(admin, token.id)
    with pytest.raises(SignInNeeded):
        access.tokens.caller(bearer, "")
    assert access.tokens.caller(of_admin, "").role is Role.ADMIN


def test_who_guesses_has_to_wait(access: Access, admin: Caller, clock: FakeClock) -> None:
    for _ in range(MOST_HERE):
        with pytest.raises(SignInRefused):
            access.sign_in("ana@example.com", "guess", "10.0.0.66", "")
        clock.jump(seconds=10)
    with pytest.raises(TooManyRequests) as caught:
        access.sign_in("ANA@example.com ", PASSWORD, "10.0.0.66", "")
    assert caught.value.wait == WINDOW - timedelta(seconds=10 * MOST_HERE)
    assert access.sign_in("ana@example.com", PASSWORD, "10.0.0.1", "")[1].role is Role.ADMIN
    clock.jump(seconds=caught.value.wait.total_seconds())
    assert access.sign_in("ana@example.com", PASSWORD, "10.0.0.66", "")[1].role is Role.ADMIN


def test_guessing_is_counted_by_e_mail_and_by_address_too(access: Access, clock: FakeClock) -> None:
    for number in range(MOST_FOR_EMAIL):
        access.throttle.take("ana@example.com", f"10.0.1.{number}")
    with pytest.raises(TooManyRequests):
        access.throttle.take("ana@example.com", "10.0.2.1")
    for number in range(MOST_FROM_ADDRESS):
        access.throttle.take(f"{number}@example.com", "10.0.3.1")
    with pytest.raises(TooManyRequests):
        access.throttle.take("another@example.com", "10.0.3.1")
    clock.jump(minutes=15)
    access.throttle.take("another@example.com", "10.0.3.1")


def test_many_guesses_at_once_count_as_many(access: Access, admin: Caller) -> None:
    def guess(number: int) -> str:
        try:
            access.sign_in("ana@example.com", f"guess {number}", "10.0.0.66", "")
        except (SignInRefused, TooManyRequests) as error:
            return error.code
        return "in"

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(guess, range(20)))
    assert (found.count("sign_in_refused"), found.count("too_many_requests")) == (MOST_HERE, 15)


def test_an_answer_is_given_again_to_the_same_request_only(access: Access, clock: FakeClock) -> None:
    answer = Answer(status=201, headers=(("etag", '"x"'),), body=b'{"token": "bwt_shown_once"}')
    id_, none = access.answers.begin("ana", "k1", "POST /a {}")
    assert none is None
    with pytest.raises(RequestUnfinished):
        access.answers.begin("ana", "k1", "POST /a {}")
    access.answers.keep(id_, answer)
    assert access.answers.begin("ana", "k1", "POST /a {}") == (id_, answer)
    with pytest.raises(KeyReused):
        access.answers.begin("ana", "k1", "POST /b {}")
    assert access.answers.begin("ben", "k1", "POST /b {}")[1] is None
    access.answers.drop(id_)
    assert access.answers.begin("ana", "k1", "POST /b {}")[1] is None
    clock.jump(hours=24)
    assert access.answers.begin("ana", "k1", "POST /c {}")[1] is None


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


def test_nothing_that_lets_in_stands_in_the_state(access: Access, admin: Caller, tmp_path: Path) -> None:
    session, caller = access.sign_in("ana@example.com", PASSWORD, "", "")
    token, _ = access.tokens.make(caller, "ci", Role.VIEWER, timedelta(days=1))
    link, _ = access.links.invite(admin, "ben@example.com", Role.VIEWER)
    id_, _ = access.answers.begin("ana", "k", "r")
    access.answers.keep(id_, Answer(201, (), token.encode()))
    kept = b"".join(file.read_bytes() for file in (tmp_path / ".bookward").glob("state.db*"))
    assert [each for each in (session, token, link, PASSWORD) if each.encode() in kept] == []
