from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import django

from sandbox.demo import installation
from sandbox.runtime.environment import ROOT
from sandbox.runtime.process import NotStarted


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.demo",
        description="The product between simulated systems, to look at or as one measured round trip.",
    )
    env = os.environ
    parser.add_argument("--once", action="store_true", default=bool(env.get("ONCE")), help="one round trip, then end")
    parser.add_argument("--keep", action="store_true", default=bool(env.get("KEEP")), help="keep the last database")
    parser.add_argument(
        "--orders", type=int, default=int(env.get("ORDERS") or 0), help="orders of each customer to begin with"
    )
    parser.add_argument("--port", type=int, default=8000, help="of the web pages; the next free one if it is taken")
    parser.add_argument("--folder", type=Path, help="for the database and the logs")
    parser.add_argument("--report", type=Path, default=ROOT / "demo.json", help="what --once writes")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    try:
        return run(options)
    except KeyboardInterrupt:
        sys.stdout.write("\nEverything is stopped.\n")
        return 1 if options.once else 0
    except NotStarted as error:
        sys.stderr.write(f"\n{error}\n")
        return 1


def run(options: argparse.Namespace) -> int:
    folder = (options.folder or ROOT / "var" / ("demo-once" if options.once else "demo")).resolve()
    prepared = installation.prepare(folder, port=options.port, once=options.once, keep=options.keep)
    os.environ.update(prepared.env)
    django.setup()
    # Only now is there a database that models may be imported for.
    from sandbox.demo import live, round_trip

    if options.once:
        return round_trip.run(prepared, orders=options.orders or round_trip.ORDERS, report=options.report)
    return live.run(prepared, orders=options.orders or live.ORDERS)


if __name__ == "__main__":
    sys.exit(main())
