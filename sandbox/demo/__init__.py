"""`python -m sandbox.demo`: the product between simulated systems, to look at or as one measured round trip."""

from __future__ import annotations
