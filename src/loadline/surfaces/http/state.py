"""What every route of a server needs at hand."""

from __future__ import annotations

from dataclasses import dataclass, field

from loadline.app import App
from loadline.surfaces.http.doors import Doors
from loadline.surfaces.http.signals import Signals
from loadline.surfaces.rates import Failures


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    app: App
    doors: Doors
    signals: Signals = field(default_factory=Signals)
    failures: Failures = field(default_factory=Failures)
