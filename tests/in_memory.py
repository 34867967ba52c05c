"""Where tests put what need not outlast them: in memory, where the system has room for it there."""

import shutil
from pathlib import Path

_MEMORY, _ROOM = Path("/dev/shm"), 2 * 2**30  # noqa: S108 - whoever writes there makes a directory of its own


def in_memory() -> Path | None:
    """A directory whose files are in memory, None where there is none or it is small, as in many containers."""
    return _MEMORY if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free >= _ROOM else None
