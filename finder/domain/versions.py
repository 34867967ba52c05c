"""Versions of stations, and the hash of a whole catalogue of them that does not depend on their order."""

import hashlib


class ContentHash:
    """The sum, modulo 2^256, of the SHA-256 of `station_id version` of each station, in 64 hexadecimal digits.

    Who holds the same stations in the same versions has the same hash, in whatever order they came.
    """

    def __init__(self) -> None:
        self.count = 0
        self._sum = 0

    def add(self, station_id: str, version: int) -> None:
        """Take up a station."""
        digest = hashlib.sha256(f"{station_id} {version}".encode()).digest()
        self._sum = (self._sum + int.from_bytes(digest)) % (1 << 256)
        self.count += 1

    @property
    def text(self) -> str:
        """The hash of what was taken up."""
        return f"{self._sum:064x}"
