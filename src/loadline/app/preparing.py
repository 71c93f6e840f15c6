"""An address in; the SQL that makes a database ready for agents to write to out, run when that is wanted."""

from __future__ import annotations

import os


def set_up_postgres(url: str, *, schemas: tuple[str, ...], is_applied: bool) -> tuple[str, tuple[str, ...]]:
    """The SQL, and sentences on what it leaves out. `url` is an address, or `env:NAME`, of somebody who may create
    roles. Raises OutsideError; then nothing was changed."""
    from loadline.adapters.tools.targets.postgres import set_up_postgres as set_up

    setup = set_up(url, os.environ, schemas=schemas, is_applied=is_applied)
    return setup.text, setup.notes
