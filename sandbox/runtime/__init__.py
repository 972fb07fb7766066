"""The product and the simulators as real processes: for the demo, the drill, the benchmark and the tests."""

from __future__ import annotations
