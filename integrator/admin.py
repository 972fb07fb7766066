"""Pages of other people's apps, as this console shows them."""

from __future__ import annotations

from integrator import django_q_admin, users_admin

__all__ = ["django_q_admin", "users_admin"]
