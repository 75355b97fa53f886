"""The ways in: passwords, sessions and tokens, until when they hold, and how often one may guess."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from bookward.access.access import Access
from bookward.access.answers import Answer
from bookward.access.caller import Caller
from bookward.access.passwords import Passwords, require_strong
from bookward.access.roles import Role
from bookward.access.sessions import IDLE, LIFE, csrf_of
from bookward.access.throttle import MOST_FOR_EMAIL, MOST_FROM_ADDRESS, MOST_HERE, WINDOW
from bookward.errors import (
    KeyReused,
    NameUnknown,
    PasswordWeak,
    RequestUnfinished,
    RoleTooLow,
    SignInNeeded,
    SignInRefused,
    TooManyRequests,
)
from tests.fakes import FakeClock
from tests.unit.access.conftest import PASSWORD, joined, signed_in


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


def test_nothing_that_lets_in_stands_in_the_state(access: Access, admin: Caller, tmp_path: Path) -> None:
    session, caller = access.sign_in("ana@example.com", PASSWORD, "", "")
    token, _ = access.tokens.make(caller, "ci", Role.VIEWER, timedelta(days=1))
    link, _ = access.links.invite(admin, "ben@example.com", Role.VIEWER)
    id_, _ = access.answers.begin("ana", "k", "r")
    access.answers.keep(id_, Answer(201, (), token.encode()))
    kept = b"".join(file.read_bytes() for file in (tmp_path / ".bookward").glob("state.db*"))
    assert [each for each in (session, token, link, PASSWORD) if each.encode() in kept] == []
