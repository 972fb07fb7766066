from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from connections.rotation import rotate_secrets


class Command(BaseCommand):
    help = "Encrypts all credentials with the first of FERNET_KEYS, so that the keys after it can be dropped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="Only try to decrypt; change nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"]:
            call_command("check_secrets", stdout=self.stdout)
            return
        rotated, failed = rotate_secrets()
        self.stdout.write(f"{rotated} connections are encrypted with the first key.")
        if failed:
            raise CommandError(f"No key of FERNET_KEYS opens the credentials of: {'; '.join(failed)}.")
