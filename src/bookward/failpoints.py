"""Named places at which a crash test can end the process, as a power cut would, or hold it.

``BOOKWARD_FAILPOINT=after-intent:3`` kills the process the third time it passes ``after-intent``;
``BOOKWARD_FAILPOINT=after-intent:3:stop`` stops it there until it is continued from outside.
Without the variable a failpoint costs one dictionary look-up.
"""

from __future__ import annotations

import os
import signal
from itertools import count
from threading import Lock, get_ident

_passes = count(1)
_lock = Lock()


def failpoint(name: str) -> None:
    """Kill or stop this process as it is, if the environment names this place and this pass."""
    wanted, *more = os.environ.get("BOOKWARD_FAILPOINT", "").split(":")
    if wanted != name:
        return
    with _lock:
        if next(_passes) == int(more[0] if more else 1):
            # To this thread, which then goes no step further.
            signal.pthread_kill(get_ident(), signal.SIGSTOP if more[1:] else signal.SIGKILL)
