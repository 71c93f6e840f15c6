"""Which process this is, and whether another one is certainly no longer there."""

from __future__ import annotations

import os
import socket
from pathlib import Path

_STARTED = 21  # proc(5): the 22nd field of /proc/PID/stat, the tick the process was started at


def this_worker() -> str:
    """Host, process and the moment it was started: a number that is used again is not the same process."""
    return f"{socket.gethostname()}:{os.getpid()}:{_started(os.getpid())}"


def is_gone(worker: str) -> bool:
    """Only where it can be known: of a process on another machine nothing is, and it is taken for alive."""
    host, _, rest = worker.rpartition(":")[0].rpartition(":")
    started = worker.rpartition(":")[2]
    if host != socket.gethostname() or not rest.isdecimal():
        return False
    number = int(rest)
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return True
    except OSError:  # it is there, and not ours
        return False
    now = _started(number)
    return bool(now) and bool(started) and now != started


def _started(number: int) -> str:
    try:
        stat = Path(f"/proc/{number}/stat").read_text("utf-8", "replace")
    except OSError:  # no such file on this system
        return ""
    fields = stat.rpartition(")")[2].split()
    return fields[_STARTED - 2] if len(fields) > _STARTED - 2 else ""
