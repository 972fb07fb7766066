from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from syncjobs.models import Heartbeat


class Command(BaseCommand):
    help = "Ends with 1 if no worker has ticked lately: the health check of worker clusters."
    # A check of every minute must stay cheap.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--max-age", type=float, default=180, help="Seconds that the last tick may be old.")

    def handle(self, *args: Any, **options: Any) -> None:
        beat = Heartbeat.objects.filter(name="tick").first()
        if beat is None:
            raise CommandError("No worker has ticked yet: is a cluster running, and was setup_queue run?")
        age = (timezone.now() - beat.at).total_seconds()
        if age > options["max_age"]:
            raise CommandError(
                f"The last tick is {age:.0f} seconds old (by {beat.worker}): restart the worker cluster."
            )
        self.stdout.write(f"The last tick is {age:.0f} seconds old.")
