"""The machine's ground on each database, made once; SQLite's file lies in memory where the system has room for that."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.model.ground import Ground, standing
from tests.servers import CacheServer

_IN_MEMORY = Path("/dev/shm")  # noqa: S108 - the directory made in it is ours alone


@pytest.fixture
def ground(guide_url: str, cache_server: CacheServer) -> Iterator[Ground]:
    with tempfile.TemporaryDirectory(dir=_IN_MEMORY if _IN_MEMORY.is_dir() else None) as directory:
        url = guide_url
        if url.startswith("sqlite"):
            url = f"sqlite:///{shutil.copy(url.removeprefix('sqlite:///'), directory)}"
        with standing(url, cache_server.url) as made:
            yield made
