"""`loadline serve`: the HTTP API and the console."""

from __future__ import annotations

from pathlib import Path

import click

from loadline.surfaces.cli import options

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65_535))
@click.option(
    "--calls-per-minute",
    metavar="N",
    type=click.IntRange(1, 1_000_000),
    help="How many calls one caller may make [default: as `doors` in loadline.yaml says, or 3,000].",
)
@click.option("--no-keys", is_flag=True, help="On loopback: whoever calls is the person of --as, and no key is needed.")
@options.as_person
@options.project
def serve(
    host: str, port: int, calls_per_minute: int | None, no_keys: bool, person: str | None, folder: Path | None
) -> None:
    """Serve this project over HTTP: pages for people, /v1 for programs.

    Every call needs an access key (`loadline keys create`), or a token of the issuer that `doors` in loadline.yaml
    names. It listens on this machine alone unless another address is
    named, and there it refuses to go without keys.
    """
    from loadline.app import open_app
    from loadline.surfaces.http.server import make_api
    from loadline.surfaces.listening import listen

    if no_keys and host not in _LOOPBACK:
        raise click.UsageError("`--no-keys` is for a loopback address: elsewhere, every call needs a key")
    with open_app(folder) as app:
        if not no_keys and not app.keys() and app.project.doors.oidc is None:
            raise click.UsageError("nobody has a key yet: `loadline keys create PERSON`, or `--no-keys` on loopback")
        api = make_api(app, open_as=app.principal(person) if no_keys else None, calls_per_minute=calls_per_minute)
        _ = app.world  # what cannot be opened is said now, not to the first caller
        click.echo(f"listening on http://{host}:{port}", err=True)
        listen(api, host=host, port=port)
