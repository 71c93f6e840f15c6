"""What a server does, counted, in; Prometheus text out. Telemetry of the program, not business metrics."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of durations, in seconds."""


@dataclass
class Signals:
    """Counted under a lock: servers answer from several threads."""

    requests: Counter[tuple[str, str, int]] = field(default_factory=Counter)  # method, route, status
    answers: Counter[str] = field(default_factory=Counter)  # status
    _buckets: Counter[tuple[str, float]] = field(default_factory=Counter)
    _sums: Counter[str] = field(default_factory=Counter)
    _running: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def running(self) -> Iterator[None]:
        with self._lock:
            self._running += 1
        try:
            yield
        finally:
            with self._lock:
                self._running -= 1

    @property
    def open_requests(self) -> int:
        return self._running

    def note(self, method: str, route: str, status: int, began: float) -> None:
        """`began` as `time.perf_counter()` gave it."""
        seconds = time.perf_counter() - began
        with self._lock:
            self.requests[method, route, status] += 1
            self._sums[route] += seconds  # type: ignore[assignment] # a Counter of floats
            for bound in BOUNDS:
                if seconds <= bound:
                    self._buckets[route, bound] += 1

    def note_answer(self, status: str) -> None:
        with self._lock:
            self.answers[status] += 1

    def text(self) -> str:
        """The exposition format, version 0.0.4."""
        with self._lock:
            lines = ["# TYPE loadline_requests_total counter"]
            lines += [
                f'loadline_requests_total{{method="{method}",route="{route}",status="{status}"}} {count}'
                for (method, route, status), count in sorted(self.requests.items())
            ]
            lines += ["# TYPE loadline_answers_total counter"]
            lines += [f'loadline_answers_total{{status="{status}"}} {n}' for status, n in sorted(self.answers.items())]
            lines += ["# TYPE loadline_request_seconds histogram", *self._histogram()]
            lines += ["# TYPE loadline_requests_running gauge", f"loadline_requests_running {self._running}"]
        return "\n".join(lines) + "\n"

    def _histogram(self) -> Iterator[str]:
        counts: Counter[str] = Counter()
        for (_, route, _), count in self.requests.items():
            counts[route] += count
        for route, count in sorted(counts.items()):
            for bound in BOUNDS:
                yield f'loadline_request_seconds_bucket{{route="{route}",le="{bound}"}} {self._buckets[route, bound]}'
            yield f'loadline_request_seconds_bucket{{route="{route}",le="+Inf"}} {count}'
            yield f'loadline_request_seconds_sum{{route="{route}"}} {self._sums[route]:.6f}'
            yield f'loadline_request_seconds_count{{route="{route}"}} {count}'
