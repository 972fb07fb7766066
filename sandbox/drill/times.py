"""How long things take in a drill: settings of its processes, and the one delay that the simulators need."""

from __future__ import annotations

SPEED_UP = 20
"""Looks at the target that are a minute apart are three seconds apart here."""
LATE_SECONDS = 2.5
"""After which the `late` fault applies a write: after any retry at once, before the last look."""
WORKER_SECONDS = 5.0
"""How long a worker goes on without passing the point where it is to be killed."""
ENVIRONMENT = {"LEASE_SECONDS": "20", "TASK_SECONDS": "3", "SESSION_IDLE_SECONDS": "5"}
"""No worker outlasts its lease, as no task does in the product; the leases of killed ones run out at once."""
