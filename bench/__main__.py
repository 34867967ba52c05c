"""`./dev bench [NAME]`: runs one bench; figures go to stdout as JSON lines, progress to stderr."""

import signal
import sys
from pathlib import Path

from bench.clusters import run as clusters
from bench.figures import NEAR_1M, draw
from bench.hold import run as hold
from bench.intake import run as intake
from bench.near import run as near
from bench.near_1m import run as near_1m
from bench.price import run as price
from bench.route import run as route
from bench.snapshot import run as snapshot
from bench.status import run as status
from bench.stream import run as stream

BENCHES = {
    "intake": (intake, "status reports in batches of 500, durable and cached, against a raw upsert and HSET"),
    "near": (near, "stations near a point with live status, against a bare route and a plain stack"),
    "status": (status, "live statuses of 100 ports in one answer, against a bare route with the same bytes"),
    "near-1m": (near_1m, "the same search of 10,000, 100,000 and 1,000,000 stations, and a worker's memory"),
    "hold": (hold, "holds over HTTP on PostgreSQL, against the same statements sent by raw psycopg"),
    "snapshot": (snapshot, "the whole catalogue as a file, against the same bytes written from a list"),
    "stream": (stream, "a thousand followers of the live stream, and what a search notices of them"),
    "clusters": (clusters, "clusters of the whole world, a million stations, against a bare route"),
    "route": (route, "stations in the corridor of a route of 1,000 km, against a shapely STRtree"),
    "price": (price, "the same search without, with and sorted by the price of a charge"),
}


DRAWING = "figures"


def main(arguments: list[str]) -> int:
    """The exit code: 0 when the bench ran, 2 when there is none of that name."""
    if not arguments:
        for name, (_, told) in BENCHES.items():
            print(f"{name:10} {told}")
        print(f"{DRAWING:10} a picture of what near-1m found last, or of its JSON lines in a FILE named behind it")
        return 0
    if arguments[0] == DRAWING and len(arguments) <= 2:
        draw(Path(arguments[1]) if arguments[1:] else NEAR_1M)
        return 0
    if len(arguments) > 1 or arguments[0] not in BENCHES:
        print(f"bench: there is no bench {' '.join(arguments)!a}; there are: {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers and their directories go
    BENCHES[arguments[0]][0]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
