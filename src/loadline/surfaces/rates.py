"""Calls in; how long the next one has to wait out: wrong keys by address, and all calls by who makes them."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Failures:
    """Wrong keys and passwords from one address: after `most` within `seconds`, none is looked at for a while."""

    most: int = 20
    seconds: float = 60.0
    now: Callable[[], float] = time.monotonic
    _seen: dict[str, deque[float]] = field(default_factory=dict)

    def is_shut(self, address: str) -> bool:
        seen = self._seen.get(address)
        if not seen:
            return False
        while seen and seen[0] < self.now() - self.seconds:
            seen.popleft()
        if not seen:
            del self._seen[address]
        return len(seen) >= self.most

    def note(self, address: str) -> None:
        if len(self._seen) > 10_000:
            self._seen.clear()
        self._seen.setdefault(address, deque(maxlen=self.most)).append(self.now())


@dataclass
class Rates:
    """So many calls a minute for each caller, as a bucket that fills evenly and holds a minute's worth
    (https://en.wikipedia.org/wiki/Token_bucket). `now` counts seconds."""

    per_minute: int
    now: Callable[[], float] = time.monotonic
    most_callers: int = 10_000
    _left: dict[str, tuple[float, float]] = field(default_factory=dict)  # caller -> calls left, and when that was so
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, caller: str) -> int:
        """Whole seconds until this caller may call again; 0: this call is counted, and may be."""
        with self._lock:
            now = self.now()
            left, at = self._left.get(caller, (float(self.per_minute), now))
            left = min(self.per_minute, left + (now - at) * self.per_minute / 60)
            if left < 1:
                return math.ceil((1 - left) * 60 / self.per_minute)
            if caller not in self._left and len(self._left) >= self.most_callers:
                self._forget(now)
            self._left[caller] = (left - 1, now)
            return 0

    def _forget(self, now: float) -> None:
        """Those who have not called for a minute have full buckets; where all call, who called least lately goes."""
        self._left = {name: one for name, one in self._left.items() if now - one[1] < 60}
        while len(self._left) >= self.most_callers:
            del self._left[min(self._left, key=lambda name: self._left[name][1])]
