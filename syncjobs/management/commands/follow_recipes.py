from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from syncjobs import lifecycle


class Command(BaseCommand):
    help = "Brings all integrations in line with their recipes after an upgrade. Rows that people edited stay."

    def handle(self, *args: Any, **options: Any) -> None:
        changed = lifecycle.follow_recipes()
        self.stdout.write(f"{changed} rows followed their recipe.")
