from __future__ import annotations

from django.apps import AppConfig


class SyncjobsConfig(AppConfig):
    name = "syncjobs"
    verbose_name = "Sync"

    def ready(self) -> None:
        from syncjobs import checks  # noqa: F401 (registers the system checks)
