"""Places on disk: where the embedded cache listens, and directories that only this account can enter."""

import hashlib
import os
from pathlib import Path

from kernel.errors import SettingsError

_LONGEST_SOCKET_PATH = 103  # bytes; the smallest limit among the systems that this runs on


def cache_socket(var: Path) -> Path:
    """Where the embedded cache of this `var` listens."""
    return _socket(var, "cache.sock")


def stream_socket(var: Path) -> Path:
    """Where the streamer of this `var` takes connections over."""
    return _socket(var, "stream.sock")


def _socket(var: Path, name: str) -> Path:
    """A socket's place: in `var`, or in a short private directory if that is too long.

    The short place is made here, at once, so that no other account can put a server of its own there.
    Raises SettingsError when another account did.
    """
    socket = var / name
    if len(os.fsencode(socket)) <= _LONGEST_SOCKET_PATH:
        return socket
    digest = hashlib.sha256(os.fsencode(var)).hexdigest()[:16]
    directory = Path(f"/tmp/portside-{os.getuid()}-{digest}")  # noqa: S108 - owner and mode are checked
    make_directory(directory)
    found = directory.stat(follow_symlinks=False)
    if found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise SettingsError(f"{directory} is open to other accounts; remove it, or set a shorter PORTSIDE_VAR.")
    return directory / name


def make_directory(directory: Path) -> None:
    """Make a directory closed to other accounts; one that is already there is left as it is. Else SettingsError."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"Cannot make the directory {directory}: {error.strerror}.") from None
