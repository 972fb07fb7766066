"""The drill: a recipe runs while both systems misbehave and workers are killed, and then everything is counted."""

from __future__ import annotations
