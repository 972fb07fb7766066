"""How long things take in a drill: settings of its processes, and the one delay that the simulators need."""

from __future__ import annotations

SHORTER = 20
"""Looks at the target that are a minute apart are three seconds apart here."""
LATE = 2.5
"""Seconds after which the `late` fault applies a write: after any retry at once, before the last look."""
PATIENCE = 5.0
"""Seconds that a worker's life goes on without passing its point."""
ENVIRONMENT = {"LEASE_SECONDS": "20", "TASK_SECONDS": "3", "SESSION_IDLE_SECONDS": "5"}
"""No life outlasts its lease, as no task does in the product; the leases of the dead run out at once."""
