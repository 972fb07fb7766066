"""A real HTTP server around a simulator, on a thread of its own."""

from __future__ import annotations

import threading
from typing import Any, cast

from werkzeug.serving import WSGIRequestHandler, make_server

from sandbox.kit.simulator import CONTROL, Simulator


class Running:
    """A simulator being served; port 0 takes a free one. `stop()` ends it.

    Raises `OSError` or `SystemExit` where the port is taken.
    """

    def __init__(self, simulator: Simulator, host: str = "127.0.0.1", port: int = 0) -> None:
        self.simulator = simulator
        self.server = make_server(host, port, simulator, threaded=True, request_handler=_Handler)
        self.root_url = f"http://{host}:{self.server.server_port}"
        self.base_url = self.root_url + simulator.base_path
        self.control_url = self.root_url + CONTROL
        simulator.context.address.base_url = self.base_url
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class _Handler(WSGIRequestHandler):
    """Keeps the terminal quiet and small responses fast, and lets `Date` follow the simulated clock."""

    disable_nagle_algorithm = True

    def date_time_string(self, timestamp: float | None = None) -> str:
        simulator = cast(Simulator, self.server.app)
        return super().date_time_string(simulator.context.now() if timestamp is None else timestamp)

    def log(self, type: str, message: str, *args: Any) -> None:
        return
