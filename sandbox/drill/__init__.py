"""The drill: recipes run while their systems misbehave and workers are killed, and then everything is counted."""

from __future__ import annotations
