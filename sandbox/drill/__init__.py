"""The drill: scenarios run while their systems fail and workers are killed; then both systems' contents are compared."""

from __future__ import annotations
