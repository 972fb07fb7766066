"""A worker process that calls one account as often as its shared budget lets it.

    python -m sandbox.bench.caller <connection> <seconds>

Writes one line a call: when it was answered, and with which status.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

import django


def main(connection_id: str, seconds: str) -> None:
    django.setup()
    from connections.clients import opened
    from connections.errors import VendorError
    from connections.models import Connection

    until = time.time() + float(seconds)
    calls: list[tuple[float, Any]] = []
    with opened(Connection.objects.get(pk=connection_id)) as access:
        while time.time() < until:
            try:
                access.client.need_v1().get("/stores")
            except VendorError as error:
                calls.append((time.time(), error.status))
                time.sleep(min(1.0, getattr(error, "retry_after", None) or 0.1))
            else:
                calls.append((time.time(), 200))
    sys.stdout.write(json.dumps(calls) + "\n")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integrator.settings")
    main(*sys.argv[1:])
