"""Many followers of the live stream in one process: counts what they hear and how long after it happened."""

import json
import selectors
import socket
import sys
import time
from datetime import datetime

_EVENT = b"\ndata: "


def main(port: int, key: str, boxes: list[str]) -> None:
    """Open a stream for each box, say so, follow until a line comes in, then say what was heard."""
    selector, came = selectors.DefaultSelector(), dict[int, bytes]()
    for box in boxes:
        line = socket.create_connection(("127.0.0.1", port), timeout=60)
        line.sendall(f"GET /v1/stream?bbox={box} HTTP/1.1\r\nHost: x\r\nX-API-Key: {key}\r\n\r\n".encode())
        head = line.recv(65_536)
        assert head.startswith(b"HTTP/1.1 200"), head
        line.setblocking(False)
        selector.register(line, selectors.EVENT_READ)
        came[line.fileno()] = b""
    print("open", flush=True)
    selector.register(sys.stdin, selectors.EVENT_READ)
    lags, lost = _followed(selector, came)
    print(json.dumps({"lags_s": sorted(lags), "lost": lost}), flush=True)


def _followed(selector: selectors.BaseSelector, came: dict[int, bytes]) -> tuple[list[float], int]:
    lags, lost = list[float](), 0
    while True:
        for key, _ in selector.select():
            if key.fileobj is sys.stdin:
                return lags, lost
            assert isinstance(key.fileobj, socket.socket)
            chunk = key.fileobj.recv(262_144)
            if not chunk:
                selector.unregister(key.fileobj)
                lost += 1
                continue
            *blocks, came[key.fd] = (came[key.fd] + chunk).split(b"\n\n")
            now = time.time()
            lags += [now - _happened(block) for block in blocks if _EVENT in block]


def _happened(block: bytes) -> float:
    return datetime.fromisoformat(json.loads(block.partition(_EVENT)[2])["at"]).timestamp()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3].split(";"))
