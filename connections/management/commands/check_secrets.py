from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from connections.models import Connection
from connections.rotation import unreadable


class Command(BaseCommand):
    help = "Tries to decrypt the credentials of every connection; ends with 1 and names those that no key opens."

    def handle(self, *args: Any, **options: Any) -> None:
        failed = unreadable()
        if failed:
            raise CommandError(f"No key of FERNET_KEYS opens the credentials of: {'; '.join(failed)}.")
        self.stdout.write(f"The credentials of all {Connection.objects.count()} connections can be read.")
