"""The background API: the answer comes at once, the work is done a little later, and its answer can be fetched."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from sandbox.kit.responses import json_response
from sandbox.visma_net import clock
from sandbox.visma_net.api.erp import Call, Route
from sandbox.visma_net.errors import Refusal

if TYPE_CHECKING:
    from sandbox.visma_net.app import VismaNetSimulator

HEADER = "HTTP_ERP_API_BACKGROUND"
KEPT_SECONDS = 24 * 3600


@dataclass
class Job:
    ident: str
    tenant: str
    client: str
    environ: dict[str, Any]
    body: bytes
    received: float
    wanted: str
    started: float = 0.0
    response: Response | None = field(default=None)


class Background:
    def __init__(self, simulator: VismaNetSimulator) -> None:
        self.simulator = simulator
        self.jobs: dict[str, Job] = {}

    def routes(self) -> Iterable[Route]:
        yield "GET", "v1/background/{}", self.state
        yield "GET", "v1/background/{}/content", self.content

    def accept(self, request: Request) -> Response:
        token = self.simulator.connect.current(request)
        ident = str(self.simulator.new_id())
        environ = {name: value for name, value in request.environ.items() if isinstance(value, str) and name != HEADER}
        environ |= {"wsgi.url_scheme": "http", "REQUEST_METHOD": request.method}
        self.jobs[ident] = Job(
            ident,
            token.tenant if token else "",
            token.client if token else "",
            environ,
            request.get_data(),
            self.simulator.now(),
            request.headers["erp-api-background"],
        )
        return json_response({"id": ident, "stateLocation": self._place(request, ident)}, 202)

    def _place(self, request: Request, ident: str) -> str:
        return f"{self.simulator.root(request)}{self.simulator.base_path}/v1/background/{ident}"

    def settle(self) -> None:
        """Do the work whose time has come."""
        seconds = float(self.simulator.switches["background_seconds"])
        for job in list(self.jobs.values()):
            if job.response is None and self.simulator.now() >= job.received + seconds:
                job.started = self.simulator.now()
                environ = job.environ | {"wsgi.input": io.BytesIO(job.body), "wsgi.errors": io.StringIO()}
                job.response = self.simulator.perform(Request(environ))
                if job.wanted.startswith("subscription"):
                    self.simulator.hooks.background_done(job.ident, job.tenant)

    def _job(self, call: Call) -> Job:
        job = self.jobs.get(call.key)
        if job is None:
            raise Refusal(404, f"Background request {call.key} could not be found.")
        token = self.simulator.connect.current(call.request)
        if token is None or (token.tenant, token.client) != (job.tenant, job.client):
            raise Refusal(403, "The background request belongs to another company or user.")
        return job

    def state(self, call: Call) -> Response:
        job = self._job(call)
        zone = call.store.zone
        shown: dict[str, Any] = {
            "id": job.ident,
            "status": "Queued",
            "receivedUtc": _instant(job.received, zone),
            "originalUri": f"{self.simulator.root(call.request)}{job.environ.get('PATH_INFO', '')}",
            "hasResponseContent": False,
            "hasRequestContent": bool(job.body),
        }
        if job.response is not None:
            shown |= {
                "status": "Finished",
                "statusCode": job.response.status_code,
                "startedUtc": _instant(job.started, zone),
                "finishedUtc": _instant(job.started + 0.2, zone),
                "hasResponseContent": bool(job.response.get_data()),
                "contentLocation": f"{self._place(call.request, job.ident)}/content",
                "responseHeaders": {
                    name: value for name, value in job.response.headers.items() if name in {"Location", "ETag"}
                },
            }
        return json_response(shown)

    def content(self, call: Call) -> Response:
        job = self._job(call)
        if job.response is None:
            raise Refusal(404, "The background request has no content yet.")
        if self.simulator.now() > job.started + KEPT_SECONDS:
            raise Refusal(410, "The content of the background request is no longer kept.")
        return Response(job.response.get_data(), 200, content_type="application/json; charset=utf-8")


def _instant(moment: float, zone: str) -> str:
    """Called UTC, but in the server's own zone, with its offset."""
    thousandths = int(moment * 1000)
    off = clock.wall(thousandths, zone) - clock.wall(thousandths, "UTC")
    hours, rest = divmod(int(off.total_seconds()) // 60, 60)
    return f"{clock.local(thousandths, zone)}{hours:+03d}:{rest:02d}"
