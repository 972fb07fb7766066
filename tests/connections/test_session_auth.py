from __future__ import annotations

import pytest

from connections.auth import MemorySessions
from connections.errors import ConnectionBroken, SignedOut, TryLater, VendorError
from connections.http import Http, NoBudget
from connections.response import Response
from connections.session_auth import Session, SessionAuth
from connections.vendor import Account


class Seat(SessionAuth):
    """Hands out numbered sessions."""

    logins = 0
    logouts: list[Session] = []
    by_person = False

    def login(self, stale: Session | None) -> Session:
        self.logins += 1
        return {"id": str(self.logins)}

    def logout(self, session: Session) -> None:
        self.logouts = [*self.logouts, session]
        raise TryLater("Busy.")

    def usable(self, session: Session) -> bool:
        return session["id"] != "over"

    def refused(self, error: SignedOut) -> VendorError:
        return ConnectionBroken("A new session was refused.")

    @property
    def granted_by_person(self) -> bool:
        return self.by_person


def seat(session: Session | None = None) -> Seat:
    account = Account({}, {}, MemorySessions(session), lambda name: NoBudget())
    return Seat(account, Http("https://erp.example.com", system="ERP"))


def answered(session: Session) -> Response:
    return Response(200, {}, session["id"].encode(), "ERP")


def test_a_session_that_is_there_is_used() -> None:
    auth = seat({"id": "theirs"})
    assert (auth.call(answered).text, auth.logins) == ("theirs", 0)


@pytest.mark.parametrize("stored", [None, {"id": "over"}])
def test_one_is_opened_where_there_is_none_of_use(stored: Session | None) -> None:
    auth = seat(stored)
    assert (auth.call(answered).text, auth.store.current(), auth.logins) == ("1", {"id": "1"}, 1)


def test_a_refused_session_is_renewed_and_the_call_made_again() -> None:
    auth = seat({"id": "theirs"})
    sent: list[Session] = []

    def send(session: Session) -> Response:
        sent.append(session)
        if session["id"] == "theirs":
            raise SignedOut("Over.")
        return answered(session)

    assert (auth.call(send).text, sent) == ("1", [{"id": "theirs"}, {"id": "1"}])


def test_a_new_session_that_is_refused_is_the_end() -> None:
    auth = seat()

    def send(session: Session) -> Response:
        raise SignedOut("Over.")

    with pytest.raises(ConnectionBroken, match="A new session was refused"):
        auth.call(send)
    assert auth.logins == 1 + auth.renewals


def test_ending_it_forgets_it_even_where_the_system_does_not_answer() -> None:
    auth = seat({"id": "theirs"})
    auth.end()
    auth.end()
    assert (auth.store.current(), auth.logouts) == (None, [{"id": "theirs"}])


def test_a_session_that_a_person_granted_is_kept() -> None:
    auth = seat({"id": "theirs"})
    auth.by_person = True
    auth.end()
    assert (auth.store.current(), auth.logouts) == ({"id": "theirs"}, [])
