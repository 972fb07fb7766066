"""Figures: what the console costs beside a plain loop that makes the same calls and keeps nothing."""

from __future__ import annotations
