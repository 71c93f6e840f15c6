"""`loadline schema`: a file kind in, its JSON Schema out."""

from __future__ import annotations

import json
from pathlib import Path

import click

from loadline.app import schema as read_schema
from loadline.app import schema_kinds
from loadline.surfaces.render.style import clean


@click.command()
@click.argument("kind", required=False)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Write one file per kind here instead.")
def schema(kind: str | None, out: Path | None) -> None:
    """Print the JSON Schema of KIND (loadline, context, contract, policy, questions), so that editors complete it.

    \b
    # yaml-language-server: $schema=./schemas/context.schema.json
    """
    if out is not None:
        schemas = {name: read_schema(name) for name in ([kind] if kind else schema_kinds())}
        out.mkdir(parents=True, exist_ok=True)
        for name, content in schemas.items():
            path = out / f"{name}.schema.json"
            path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
            click.echo(clean(str(path)))
        return
    if kind is None:
        click.echo("\n".join(schema_kinds()))
        return
    click.echo(json.dumps(read_schema(kind), indent=2))
