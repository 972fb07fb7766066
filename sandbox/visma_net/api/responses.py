"""Responses that the resources of the ERP share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Response

from sandbox.kit.context import Context
from sandbox.kit.responses import json_response
from sandbox.visma_net.api.erp import BASE_PATH, OLD_PATH, Call, root_of
from sandbox.visma_net.errors import Refusal, empty
from sandbox.visma_net.rules.queued_release import STUCK, queue
from sandbox.visma_net.store import Row

OLD_HOST = "https://integration.visma.net"


def single(row: Row, shown: dict[str, Any]) -> Response:
    return json_response(shown, headers={"ETag": row.etag})


def created(call: Call, path: str, row: Row) -> Response:
    """201 with nothing but headers; the number is the last part of the location."""
    switches = call.store.switches
    old = switches["location_host"] == "old"
    root = f"{OLD_HOST}/{OLD_PATH}" if old else f"{root_of(call.request)}{BASE_PATH}/"
    headers = {"Location": f"{root}{path}/{row.key}", "ETag": row.etag}
    return empty(201, headers) if switches["created_body"] == "none" else json_response({}, 201, headers)


def changed(row: Row) -> Response:
    return empty(204, {"ETag": row.etag})


def action_result(context: Context, result: str = "Done", message: str = "") -> Response:
    return json_response({"actionId": str(context.new_id()), "actionResult": result, "errorInfo": message})


def action_refused(context: Context, refusal: Refusal) -> Response:
    """What an action cannot do: a plain error, or 200 with `Failed`."""
    if context.switches["action_refusal"] == "failed":
        return action_result(context, "Failed", refusal.message)
    raise refusal


def release_result(context: Context, row: Row, release: Callable[[], None]) -> Response:
    """Release a document as the switch `release` says: at once, later, never, or with the response lost."""
    switches = context.switches
    match switches["release"]:
        case "failed":
            return action_result(context, "Failed", str(switches["release_error"]))
        case "queued":
            queue(row, int(switches["release_reads"]))
            return action_result(context, "Queued")
        case "stuck":
            queue(row, STUCK)
            return action_result(context, "InProcess")
    release()
    return empty(504) if switches["release"] == "lost" else action_result(context)
