"""The background API: 202 comes at once, the work is done a little later, and its response can be fetched."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Request, Response

from sandbox.kit.context import Context
from sandbox.kit.responses import JSON, json_response
from sandbox.visma_net import clock
from sandbox.visma_net.api.connect import VismaConnect
from sandbox.visma_net.api.erp import BASE_PATH, Call, Route, root_of
from sandbox.visma_net.errors import Refusal
from sandbox.visma_net.webhooks import Webhooks

HEADER = "HTTP_ERP_API_BACKGROUND"
KEPT_SECONDS = 24 * 3600
SHOWN_HEADERS = {"Location", "ETag"}


@dataclass
class Job:
    id: str
    tenant: str
    client: str
    environ: dict[str, Any]
    body: bytes
    received: float
    mode: str
    """What the header asked for; one that begins with `subscription` sends a webhook when it is done."""
    started: float = 0.0
    response: Response | None = None

    def request(self) -> Request:
        return Request(self.environ | {"wsgi.input": io.BytesIO(self.body), "wsgi.errors": io.StringIO()})


class Background:
    """`dispatch` does the work of a request."""

    def __init__(
        self, context: Context, connect: VismaConnect, webhooks: Webhooks, dispatch: Callable[[Request], Response]
    ) -> None:
        self.context, self.connect, self.webhooks, self.dispatch = context, connect, webhooks, dispatch
        self.jobs: dict[str, Job] = {}

    def routes(self) -> Iterable[Route]:
        yield "GET", "v1/background/{}", self.state
        yield "GET", "v1/background/{}/content", self.content

    def accept(self, request: Request) -> Response:
        token = self.connect.current(request)
        job_id = str(self.context.new_id())
        environ = {name: value for name, value in request.environ.items() if isinstance(value, str) and name != HEADER}
        environ |= {"wsgi.url_scheme": "http", "REQUEST_METHOD": request.method}
        self.jobs[job_id] = Job(
            job_id,
            token.tenant if token else "",
            token.client if token else "",
            environ,
            request.get_data(),
            self.context.now(),
            request.headers["erp-api-background"],
        )
        return json_response({"id": job_id, "stateLocation": _location(request, job_id)}, 202)

    def run_due(self) -> None:
        """Do the work whose time has come."""
        seconds = float(self.context.switches["background_seconds"])
        for job in list(self.jobs.values()):
            if job.response is None and self.context.now() >= job.received + seconds:
                job.started = self.context.now()
                job.response = self.dispatch(job.request())
                if job.mode.startswith("subscription"):
                    self.webhooks.background_done(job.id, job.tenant)

    def _job(self, call: Call) -> Job:
        job = self.jobs.get(call.key)
        if job is None:
            raise Refusal(404, f"Background request {call.key} could not be found.")
        token = self.connect.current(call.request)
        if token is None or (token.tenant, token.client) != (job.tenant, job.client):
            raise Refusal(403, "The background request belongs to another company or user.")
        return job

    def state(self, call: Call) -> Response:
        job = self._job(call)
        zone = call.store.zone
        shown: dict[str, Any] = {
            "id": job.id,
            "status": "Queued",
            "receivedUtc": _instant(job.received, zone),
            "originalUri": f"{root_of(call.request)}{job.environ.get('PATH_INFO', '')}",
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
                "contentLocation": f"{_location(call.request, job.id)}/content",
                "responseHeaders": {
                    name: value for name, value in job.response.headers.items() if name in SHOWN_HEADERS
                },
            }
        return json_response(shown)

    def content(self, call: Call) -> Response:
        job = self._job(call)
        if job.response is None:
            raise Refusal(404, "The background request has no content yet.")
        if self.context.now() > job.started + KEPT_SECONDS:
            raise Refusal(410, "The content of the background request is no longer kept.")
        return Response(job.response.get_data(), 200, content_type=JSON)


def _location(request: Request, job_id: str) -> str:
    return f"{root_of(request)}{BASE_PATH}/v1/background/{job_id}"


def _instant(moment: float, zone: str) -> str:
    """Called UTC, but in the server's own zone, with its offset."""
    thousandths = int(moment * 1000)
    offset = clock.wall(thousandths, zone) - clock.wall(thousandths, "UTC")
    hours, rest = divmod(int(offset.total_seconds()) // 60, 60)
    return f"{clock.local(thousandths, zone)}{hours:+03d}:{rest:02d}"
