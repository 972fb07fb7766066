"""The console's pages on what moves, one module per model."""

from __future__ import annotations

from syncjobs.admin import event, flow, integration, record, run, value_map

__all__ = ["event", "flow", "integration", "record", "run", "value_map"]
