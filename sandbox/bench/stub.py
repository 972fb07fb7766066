"""A stub to measure an engine with: it answers bytes made in advance, where a simulator would work for each of them.

    python -m sandbox.bench.stub <orders> <port> [<seconds to wait before every answer>]

Stands in for Acumatica on the port (sign-in, and the list of sales orders page by page, as its simulator answers them) and
ShipStation on the next one (every order of a batch is taken). Nothing that is written changes what is read.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Callable
from email.utils import formatdate
from typing import cast

from sandbox.bench.stub_replies import Reply, ShipStationReplies, acumatica_replies
from sandbox.runtime.environment import HOST

Replies = Callable[[str, str, bytes], Reply]
"""The reply to a method, a path with its query, and a body."""
END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_PHRASES = {200: "OK", 204: "No Content", 404: "Not Found"}


class Caller(asyncio.Protocol):
    """One kept connection. Its requests come one after the other; each is answered after the delay."""

    def __init__(self, replies: Replies, delay: float) -> None:
        self.replies, self.delay = replies, delay
        self.held = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.held += data
        end = self.held.find(END)
        if end < 0:
            return
        length = _LENGTH.search(self.held, 0, end)
        whole = end + len(END) + (int(length[1]) if length else 0)
        if len(self.held) < whole:
            return
        method, path, _ = bytes(self.held[: self.held.index(b"\r\n")]).decode().split(" ", 2)
        response = _response(self.replies(method, path, bytes(self.held[end + len(END) : whole])))
        del self.held[:whole]
        if self.delay:
            asyncio.get_running_loop().call_later(self.delay, self.transport.write, response)
        else:
            self.transport.write(response)


def _response(reply: Reply) -> bytes:
    lines = [f"HTTP/1.1 {reply.status} {_PHRASES[reply.status]}", f"Date: {formatdate(usegmt=True)}", *reply.headers]
    if reply.status != 204:
        lines += [f"Content-Length: {len(reply.body)}", "Content-Type: application/json; charset=utf-8"]
    return "\r\n".join(lines).encode() + END + reply.body


async def serve(orders: int, port: int, delay: float) -> None:
    """Serve both systems until cancelled. They listen as soon as everything is prepared."""
    loop = asyncio.get_running_loop()
    systems: tuple[Replies, Replies] = (acumatica_replies(orders), ShipStationReplies(orders))
    for number, replies in enumerate(systems, start=port):
        await loop.create_server(lambda replies=replies: Caller(replies, delay), HOST, number)  # type: ignore[misc]
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]), float((sys.argv[3:] or ["0"])[0])))
