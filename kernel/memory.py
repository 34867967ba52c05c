"""Memory: how the C library's allocator is told to keep little of what a process no longer needs."""

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # from <malloc.h>
_LARGE = 1 << 20  # bytes
_ARENAS = 2


def keep_little() -> None:
    """Said before threads start: large arrays have pages of their own, and threads share few arenas.

    Else each thread's arena keeps up to 64 MiB of what its largest answer took. Where the C library has no such
    words, nothing happens.
    """
    say = getattr(ctypes.CDLL(None), "mallopt", None)
    if say is not None:
        for word, value in ((_MMAP_THRESHOLD, _LARGE), (_TRIM_THRESHOLD, _LARGE), (_ARENA_MAX, _ARENAS)):
            say(word, value)


@contextmanager
def collecting_later() -> Iterator[None]:
    """While much is read that has no cycles: the collector would go through all of it again and again."""
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_collecting:
            gc.enable()


def give_back() -> None:
    """Give back to the system what a large piece of work took; where the C library cannot, nothing happens."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
