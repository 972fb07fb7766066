"""The declaration language of a vendor, and the contract its resources keep.

A vendor is one folder under `connections/vendors/`; its `__init__.py` holds one `Vendor`. Nothing here knows a
model: a client is opened from plain values, so a vendor is tested without a database.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, ClassVar, NewType, Protocol

from connections.errors import VendorError
from connections.exact_json import Canonical

NaturalKey = NewType("NaturalKey", str)
"""The business key that both systems can hold."""
ExternalKey = NewType("ExternalKey", str)
"""A vendor's own key of a document."""

Body = dict[str, Any]
"""A decoded document: plain JSON, the system's own field names, UTC instants as ISO 8601, `Decimal` numbers."""
Cursor = dict[str, Any]
"""How far a source has been read. Only the resource that made it understands it; it must survive JSON."""


# What is asked of a customer


@dataclass(frozen=True)
class Field:
    """One question of the connection form. `kind`: text, url, number, switch, choice or lines."""

    name: str
    label: str
    help: str = ""
    kind: str = "text"
    secret: bool = False
    required: bool = True
    pattern: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    default: Any = ""
    example: str = ""


@dataclass(frozen=True)
class Guide:
    """What a customer reads beside the form: numbered steps, the time they take, how long credentials live."""

    steps: tuple[str, ...]
    minutes: int
    lifetime: str
    screen: str = ""


@dataclass(frozen=True)
class Rate:
    """So many calls in fixed windows of `seconds`; `reserve` calls of each are kept for a person who clicks.

    The connection setting named `setting` overrides `calls`; 0 means that the vendor states no limit. `per` names the
    settings and secrets that make the account whose calls are counted together; all secrets where it is empty.
    """

    calls: int
    seconds: int = 60
    reserve: int = 1
    setting: str = ""
    per: tuple[str, ...] = ()


# What a client is opened with


class Budget(Protocol):
    """The calls an account may still make, shared by all workers."""

    def take(self) -> None:
        """Spend one call, waiting a little for the next window if need be. Raises `TryLater` if that is too long."""

    def learn(self, *, limit: int | None, remaining: int | None, resets_in: float | None) -> None:
        """Take over what the vendor's own headers say."""

    def pause(self, seconds: float) -> None:
        """Nobody calls this account for so long."""


class SessionStore(Protocol):
    """The one session of a connection, shared by all workers."""

    def current(self) -> dict[str, str] | None: ...

    def renew(self, stale: dict[str, str] | None, login: Callable[[], dict[str, str]]) -> dict[str, str]:
        """Returns a session that is not `stale`: another worker's if there is one, else that of `login`, run by one."""
        ...

    def drop(self) -> dict[str, str] | None:
        """Forget the session and return what it was, for signing it out."""
        ...


@dataclass
class Exchange:
    """One call as the audit keeps it: no query values, no bodies, no headers but the vendor's request id."""

    method: str
    path: str
    status: int | None
    milliseconds: int
    request_id: str = ""
    error: str = ""


@dataclass(frozen=True)
class Account:
    """Everything a client is made from. `budget` returns the budget of a rate declared by the vendor."""

    settings: Mapping[str, Any]
    secrets: Mapping[str, str]
    sessions: SessionStore
    budget: Callable[[str], Budget]
    exchanges: list[Exchange] = field(default_factory=list)


class Client(Protocol):
    def close(self) -> None:
        """Give back sockets. The vendor's session stays signed in, in the session store."""

    def sign_out(self) -> None:
        """End the session at the vendor, if it has one."""


class BrowserSignIn(Protocol):
    """A person's sign-in by browser: authorization code with PKCE. It keeps nothing between its calls.

    What comes back with the person is checked before `finish` is called: that they are the one who was sent away,
    and that the answer is used once. No error may hold a secret, code, verifier or token.
    """

    def applies(self, settings: Mapping[str, Any]) -> bool:
        """Whether a connection with these settings signs in this way. Makes no call."""
        ...

    def begin(
        self, settings: Mapping[str, Any], secrets: Mapping[str, str], redirect_uri: str, state: str
    ) -> tuple[str, str]:
        """Where to send the person, and the verifier to keep to ourselves until they come back. Makes no call.

        The address carries `redirect_uri` and `state` as they are, and of the verifier its challenge alone. Called
        again it makes another verifier, and the first stays good. Raises `ConnectionBroken` naming what must be
        entered before.
        """
        ...

    def finish(self, account: Account, code: str, verifier: str, redirect_uri: str) -> Mapping[str, str]:
        """Exchange the code for the secrets to store, under their declared names; the rest of the secrets stays.

        A person waits for it, so it makes one call, which may take 20 seconds. It leaves the session store alone.
        Raises any `VendorError`; then there is nothing to store, and the person has to begin again, because a code
        is good once: called again with the same one it raises `ConnectionBroken`.
        """
        ...


# What travels


@dataclass(frozen=True)
class Document:
    """A source document, decoded. `version` sorts: a later state of the document has a greater one."""

    key: str
    version: str
    body: Body
    status: str = ""
    label: str = ""

    @cached_property
    def text(self) -> Canonical:
        """The body as it is stored, with its digest; written when first asked for, and the body is whole then."""
        return Canonical.of(self.body)


@dataclass(frozen=True)
class Page:
    """Some documents, and the cursor that has passed them."""

    documents: Sequence[Document]
    cursor: Cursor


@dataclass(frozen=True)
class Outgoing:
    """A document to write. `target_key` is known where it was written before; `sent` is what was sent then."""

    natural_key: str
    payload: Body
    target_key: str = ""
    sent: Body | None = None


@dataclass(frozen=True)
class Written:
    """It is in the target. Where one write made several documents, `key` joins their keys with commas."""

    key: str
    url: str = ""
    answer: Body | None = None


@dataclass(frozen=True)
class Unchanged:
    """The target already says so; nothing was written. `key` is empty where there is nothing in the target to name."""

    key: str = ""
    url: str = ""
    note: str = ""


@dataclass(frozen=True)
class Refused:
    """This one did not go; the class of `error` says what happens next."""

    error: VendorError


Outcome = Written | Unchanged | Refused


@dataclass(frozen=True)
class Found:
    """What a read-back found under a natural key. Not `complete`: the write has begun and must be resumed."""

    key: str
    url: str = ""
    complete: bool = True
    proof: Body | None = None


class Resource(ABC):
    """One kind of document at a vendor.

    Reading resources implement `start`, `changes` and `get`; writing ones `write` and `find`. A method may raise
    any `VendorError` and nothing else. `document` names the kind of target document: two resources that write the
    same document say the same, and the engine never lets their deliveries overlap.
    """

    slug: ClassVar[str]
    label: ClassVar[str]
    document: ClassVar[str]
    fields: ClassVar[frozenset[str]] = frozenset()
    """Target paths that mappings may fill, such as `shipTo.city` or `items[].sku`."""
    sample: ClassVar[str] = ""
    """File under `samples/` with one decoded source document."""
    batch_size: ClassVar[int] = 1
    upsert: ClassVar[bool] = False
    """A true upsert by natural key: a read-back that finds nothing may release at once."""
    settle_delays: ClassVar[tuple[int, ...]] = (5, 15, 45, 120)
    """Seconds from an unknown outcome to each read-back; only after the last one is it "not there"."""
    overlap: ClassVar[timedelta] = timedelta(minutes=5)

    def __init__(self, client: Any) -> None:
        self.client = client

    @classmethod
    def takes(cls, target: str) -> bool:
        """Whether a mapping may fill this path; `items[]` may be named where `items[].sku` may."""
        return target in cls.fields or (
            target.endswith("[]") and any(field.startswith(f"{target}.") for field in cls.fields)
        )

    def start(self, since: datetime) -> Cursor:
        """A cursor before everything that changed at or after `since` (aware)."""
        raise NotImplementedError(f"{self.slug} cannot be read")

    def changes(self, cursor: Cursor) -> Iterator[Page]:
        """Pages of what changed behind the cursor, oldest first, reading an overlap again; ends when caught up.

        Each page's cursor may be stored and given back later, in another process.
        """
        raise NotImplementedError(f"{self.slug} cannot be read")

    def get(self, key: str) -> Sequence[Document]:
        """The document as it is now: empty where there is none, several where it is split when read."""
        raise NotImplementedError(f"{self.slug} cannot be read")

    def write(self, documents: Sequence[Outgoing]) -> Sequence[Outcome]:
        """Write up to `batch_size` documents; one outcome each, in their order.

        A write of several calls reads the state first and resumes where it stopped, so calling twice is safe once
        the first call's outcome is known. An exception means the whole call: raised as `Rejected` nothing of it
        was applied, as `OutcomeUnknown` anything of it may have been.
        """
        raise NotImplementedError(f"{self.slug} cannot be written")

    def find(self, documents: Sequence[Outgoing], since: datetime) -> Mapping[str, Found]:
        """Look the documents up by natural key; those absent from the answer are not there. Never writes.

        `since` (aware) is a moment before the first of them was sent.
        """
        raise NotImplementedError(f"{self.slug} cannot be searched")


# Probe and webhooks


@dataclass(frozen=True)
class ProbeLine:
    """One right or endpoint: `ok`, the slugs of the resources that need it, and where to grant it if it failed.

    `advice`: a line that failed but keeps nothing from working, such as a setting that is better made.
    """

    what: str
    ok: bool
    detail: str = ""
    resources: tuple[str, ...] = ()
    screen: str = ""
    advice: bool = False


@dataclass(frozen=True)
class Hint:
    """What a notification says: look there. `digest` is equal for two notifications of the same happening."""

    topic: str
    digest: str
    url: str = ""


class Webhooks(ABC):
    """A vendor's notifications. `intake` runs in the web process and makes no call; the rest runs in a worker."""

    topics: ClassVar[tuple[str, ...]]
    keep_headers: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def read(self, body: bytes, headers: Mapping[str, str]) -> Hint:
        """Read a notification. Raises `Rejected` with a plain sentence where it is not one of ours."""

    @abstractmethod
    def follow(
        self, client: Any, hint: Hint, body: bytes, headers: Mapping[str, str]
    ) -> Iterator[tuple[str, Sequence[Document]]]:
        """Fetch what the hint points to, with credentials, after checking its host: (resource slug, documents)."""

    @abstractmethod
    def subscribe(self, client: Any, url: str, topics: Sequence[str]) -> Mapping[str, str]:
        """Subscribe to what is missing. Returns topic → the vendor's id. Calling twice subscribes once."""

    @abstractmethod
    def unsubscribe(self, client: Any, url: str) -> int:
        """Remove every subscription to `url`, also those another version of us made. Returns how many."""


@dataclass(frozen=True)
class Vendor:
    """A kind of system, declared. `slots` says how many calls of a kind ("read", "write") it stands at once."""

    slug: str
    label: str
    settings: tuple[Field, ...]
    secrets: tuple[Field, ...]
    guide: Guide
    open: Callable[[Account], Any]
    probe: Callable[[Any], Sequence[ProbeLine]]
    resources: tuple[type[Resource], ...]
    rates: Mapping[str, Rate] = field(default_factory=dict)
    slots: Mapping[str, int] = field(default_factory=lambda: {"read": 2, "write": 2})
    webhooks: Webhooks | None = None
    sign_in: BrowserSignIn | None = None
    """How a person signs in by browser, if the system has such a way; a session may then hold newer values of the
    secrets, under their names, and is kept when it stands idle."""

    def resource(self, slug: str) -> type[Resource]:
        """The resource class by its slug. Raises `KeyError`."""
        return {resource.slug: resource for resource in self.resources}[slug]

    def defaults(self) -> dict[str, Any]:
        return {question.name: question.default for question in self.settings if question.default != ""}
