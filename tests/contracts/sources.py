"""Where the vendors' contracts are, and reading each of them once."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
FILES = {
    "v1-2019": "shipstation/shipstation-v1-openapi-2019.json",
    "v1-2024": "shipstation/shipstation-v1-openapi-2024-from-postman.yaml",
    "v1-recorded": "shipstation/shipstation-v1-postman-captured-responses.json",
    "v2": "shipstation/shipstation-v2-openapi.yaml",
    "24.200.001": "acumatica/default_24.200.001.trimmed.openapi.json",
    "25.200.001": "acumatica/default_25.200.001.trimmed.openapi.json",
    "visma-erp": "visma_net/erp_openapi_trimmed.json",
    "visma-v3": "visma_net/salesorder_v3_digest.json",
}


def folder() -> Path:
    return Path(os.environ.get("VENDOR_CONTRACTS") or ROOT.parent / "shared" / "vendors")


def absent() -> str:
    """Why the contracts cannot be read, empty where they can."""
    missing = [name for name in FILES.values() if not (folder() / name).is_file()]
    if not missing:
        return ""
    return f"{len(missing)} of the vendors' contracts are not in {folder()}, such as {missing[0]}; set VENDOR_CONTRACTS"


@cache
def document(name: str) -> Any:
    """A contract as it stands in its file."""
    text = (folder() / FILES[name]).read_text(encoding="utf-8")
    if FILES[name].endswith(".json"):
        return json.loads(text)
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
