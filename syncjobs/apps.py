from __future__ import annotations

import gc

from django.apps import AppConfig


class SyncjobsConfig(AppConfig):
    name = "syncjobs"
    verbose_name = "Sync"

    def ready(self) -> None:
        from syncjobs import checks  # noqa: F401 (registers the system checks)

        # A page of documents is some 30,000 small objects without a cycle among them; with Python's own threshold the
        # collector visits all of them dozens of times a page, for about a tenth of all processor time.
        gc.set_threshold(20_000, 20, 50)
