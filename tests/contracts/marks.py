"""The reason why tests against real contracts are skipped, where there is one."""

from __future__ import annotations

import pytest

from tests.contracts.sources import absent

needs_contracts = pytest.mark.skipif(bool(absent()), reason=absent() or "the contracts are here")
