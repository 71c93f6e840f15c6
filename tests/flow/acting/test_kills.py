"""`kill -9` in the middle of held actions: each eligible one is executed exactly once, none twice, none is lost.

The full run (520 acts, 60 kills) is `python bench/act_kills.py`; here it is a small one.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from repository.tree import ROOT


@pytest.mark.skipif(not hasattr(os, "fork"), reason="workers are forked")
def test_killed_workers_neither_lose_nor_repeat_an_approved_act() -> None:
    command = [sys.executable, str(ROOT / "bench" / "act_kills.py"), "--acts", "30", "--kills", "6"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("HOLDS\n")
