"""Memory: give back to the system what a large piece of work took and no longer needs."""

import ctypes
import gc


def give_back() -> None:
    """After a load of a million rows this is nearly half of a process; where the C library cannot, nothing happens."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
