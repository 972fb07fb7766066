"""Orders: read, written, held and cancelled, given references.

`lookup`, `search`: finding them; `batch`, `upsert`, `v1`, `v2`: writing them; `access`: whichever API there is.
"""
