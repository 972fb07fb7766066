"""`python -m sandbox.serve [SYSTEM ...] --port 9100`: simulated systems over HTTP, one port each, until Ctrl-C."""

from __future__ import annotations

import argparse
import sys
import time

from sandbox import systems
from sandbox.kit.server import Running


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sandbox.serve", description=__doc__)
    parser.add_argument(
        "systems", nargs="*", metavar="SYSTEM", help=f"Of {', '.join(systems.slugs())}; all if none is named."
    )
    parser.add_argument("--port", type=int, default=9100, help="Port of the first; the others follow.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if unknown := set(options.systems) - set(systems.slugs()):
        parser.error(f"no simulated system {', '.join(sorted(unknown))}; there are {', '.join(systems.slugs())}")
    running = []
    for port, slug in enumerate(options.systems or systems.slugs(), start=options.port):
        simulator = systems.get(slug)(seed=options.seed)
        try:
            running.append(Running(simulator, options.host, port))
        except (OSError, SystemExit):
            sys.exit(f"Port {port} is taken: choose another --port.")
        _introduce(running[-1])
    sys.stdout.write("Ctrl-C ends them.\n")
    sys.stdout.flush()
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        for server in running:
            server.stop()


def _introduce(running: Running) -> None:
    """What to enter into a connection, and where a person works with the system."""
    simulator = running.simulator
    addresses = [(name, running.root_url + path) for name, path in simulator.addresses.items()]
    lines = [("base URL", running.base_url), *addresses, *simulator.credentials.items()]
    lines.append(("control URL", running.control_url))
    if simulator.operator_path:
        lines.append(("operator", running.root_url + simulator.operator_path))
    text = "".join(f"  {name:<14} {value}\n" for name, value in lines)
    sys.stdout.write(f"\n{simulator.slug}\n{text}")


if __name__ == "__main__":
    main()
