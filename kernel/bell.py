"""Bell: rung by one process of a machine and heard by the others in nanoseconds, without asking anybody."""

import mmap
import os
import time
from functools import cached_property
from pathlib import Path

_SIZE = 8


class Bell:
    """Eight bytes of a file that all processes have mapped: whoever rings writes what was never there before.

    Rung after something has become true; who heard the same value before and after has missed nothing. Two that ring
    at once write different values, so a third that read one of them sees the other. Where the file cannot be had
    nobody is heard to ring, and nobody can be sure that nobody did.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def ring(self) -> None:
        """Let everybody know: the time, and who rang."""
        if self._value is not None:
            self._value[0] = (time.monotonic_ns() << 16 | os.getpid() & 0xFFFF) & 0xFFFF_FFFF_FFFF_FFFF

    def heard(self) -> int:
        """A value that is another one each time somebody has rung."""
        return time.monotonic_ns() if self._value is None else self._value[0]

    @cached_property
    def _value(self) -> "memoryview[int] | None":
        try:
            descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:
            return None
        try:
            os.ftruncate(descriptor, _SIZE)
            return memoryview(mmap.mmap(descriptor, _SIZE)).cast("Q")
        finally:
            os.close(descriptor)
