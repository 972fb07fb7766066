from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.module_loading import import_string

from connections import vendors
from connections.simulation import Running


class Command(BaseCommand):
    help = "Serves simulated systems over HTTP, one port each, until Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("systems", nargs="+", choices=vendors.SLUGS)
        parser.add_argument("--port", type=int, default=9100, help="Port of the first; the others follow.")
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        running = []
        for number, slug in enumerate(options["systems"]):
            simulator = import_string(vendors.get(slug).simulator)(seed=options["seed"])
            try:
                running.append(Running(simulator, options["host"], options["port"] + number))
            except (OSError, SystemExit) as error:
                raise CommandError(f"Port {options['port'] + number} is taken: choose another --port.") from error
            self._introduce(running[-1])
        self.stdout.write("Ctrl-C ends them.")
        self.stdout.flush()
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            for one in running:
                one.stop()

    def _introduce(self, running: Running) -> None:
        simulator = running.simulator
        self.stdout.write(f"\n{vendors.get(simulator.slug).label}")
        self.stdout.write(f"  base URL     {running.base_url}")
        for name, value in simulator.credentials.items():
            self.stdout.write(f"  {name:<12} {value}")
        self.stdout.write(f"  control URL  {running.control_url}")
        if simulator.operator_path:
            self.stdout.write(f"  operator     {running.root_url}{simulator.operator_path}")
