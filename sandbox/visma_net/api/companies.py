"""The companies that the simulator knows, and which of them a request is for."""

from __future__ import annotations

from collections.abc import Iterator

from werkzeug.wrappers import Request

from sandbox.kit.context import Context
from sandbox.visma_net.store import Store

TENANT = "visma.tenant"
"""Where a request's environment names the company of its token."""


class Companies:
    def __init__(self, context: Context, *stores: Store) -> None:
        self.context = context
        self.stores = stores

    def __iter__(self) -> Iterator[Store]:
        return iter(self.stores)

    @property
    def tenants(self) -> set[str]:
        return {store.tenant for store in self.stores}

    def of(self, request: Request) -> Store | None:
        """The company of the token; None where an old header names another one and that counts."""
        store = next(store for store in self.stores if store.tenant == request.environ[TENANT])
        named = request.headers.get("ipp-company-id")
        if self.context.switches["company_mode"] == "strict" and named and named != store.company:
            return None
        return store
