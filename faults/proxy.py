"""A bad network: a proxy that loses some requests on their way and some answers on their way back.

`python -m faults.proxy PORT SEED` listens on a free port of this machine, prints its number, and speaks to PORT.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from faults.wire import read_message

LOST_REQUESTS = 0.2
LOST_ANSWERS = 0.3
_ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def bad_network(port: int, seed: int) -> Iterator[int]:
    """The proxy's port, for the time of the block."""
    command = [sys.executable, "-m", "faults.proxy", str(port), str(seed)]
    with subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.kill()


class Proxy:
    """Each client's connection has one of its own to the server; a loss ends both, as a broken network would."""

    def __init__(self, port: int, chance: Random) -> None:
        self._port = port
        self._chance = chance

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ahead, back = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            while await self._carried(reader, writer, ahead, back):
                pass
        except (OSError, EOFError):
            pass  # either side went: so does the other
        finally:
            writer.close()
            back.close()

    async def _carried(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        ahead: asyncio.StreamReader,
        back: asyncio.StreamWriter,
    ) -> bool:
        """One request and its answer; whether both arrived."""
        request, _, _ = await read_message(reader)
        if self._chance.random() < LOST_REQUESTS:
            return False
        back.write(request)
        answer, _, _ = await read_message(ahead)
        if self._chance.random() < LOST_ANSWERS:
            return False
        writer.write(answer)
        return True


async def main(port: int, seed: int) -> None:
    server = await asyncio.start_server(Proxy(port, Random(seed)).serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)  # ends with the one who started it
    server.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
