"""`loadline mcp`: the Model Context Protocol, for agents."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from loadline.surfaces.cli import options

if TYPE_CHECKING:
    from loadline.app import App
    from loadline.surfaces.mcp.server import WhoCalls

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@click.group()
def mcp() -> None:
    """Serve agents over the Model Context Protocol."""


@mcp.command()
@click.option("--http", "is_http", is_flag=True, help="Streamable HTTP instead of stdin and stdout.")
@click.option("--host", default="127.0.0.1", show_default=True, help="With --http: where to listen.")
@click.option("--port", default=8765, show_default=True, type=click.IntRange(0, 65_535), help="With --http.")
@click.option("--url", help="With --http: the address that clients reach this server by [default: from host and port].")
@click.option(
    "--calls-per-minute",
    metavar="N",
    type=click.IntRange(1, 1_000_000),
    help="With --http: how many calls one caller may make [default: as `doors` in loadline.yaml says, or 3,000].",
)
@click.option("--no-keys", is_flag=True, help="With --http, on loopback: whoever calls is the person of --as.")
@click.option("--agent", metavar="NAME", help="What the calling program is called in policy and receipts.")
@click.option("--read-only", is_flag=True, help="Leave out the tools that act.")
@options.as_person
@options.project
def serve(  # noqa: PLR0913, PLR0917 - one parameter per option
    is_http: bool,
    host: str,
    port: int,
    url: str | None,
    calls_per_minute: int | None,
    no_keys: bool,
    agent: str | None,
    read_only: bool,
    person: str | None,
    folder: Path | None,
) -> None:
    """Answer agents from this project.

    Over stdin and stdout, calls are those of the person of --as, or of the access key in LOADLINE_KEY. Over HTTP each
    call carries its own key (`loadline keys create`), or a token of the issuer that `doors` in loadline.yaml names, as
    a bearer token.
    """
    from loadline.app import open_app
    from loadline.surfaces.http.limits import Limits
    from loadline.surfaces.listening import listen
    from loadline.surfaces.mcp.bounded import Bounded
    from loadline.surfaces.mcp.identity import whoever_holds_the_token
    from loadline.surfaces.mcp.server import make_server
    from loadline.surfaces.rates import Rates

    if no_keys and not (is_http and host in _LOOPBACK):
        raise click.UsageError("`--no-keys` is for `--http` on a loopback address: elsewhere, every call needs a key")
    with open_app(folder) as app:
        if not is_http:
            make_server(app, _one_caller(app, person, agent), is_read_only=read_only).run()
            return
        address = url or f"http://{host}:{port}/mcp"
        more = {"is_read_only": read_only} | ({} if no_keys else _keyed(app, address))
        who = _one_caller(app, person, agent) if no_keys else whoever_holds_the_token(app)
        served = make_server(app, who, **more).streamable_http_app(host=host, stateless_http=True, json_response=True)
        rates = Rates(app.project.doors.calls_per_minute if calls_per_minute is None else calls_per_minute)
        click.echo(f"listening on {address}", err=True)
        listen(Limits(served if no_keys else Bounded(served, app=app, rates=rates)), host=host, port=port)


@mcp.command(context_settings={"ignore_unknown_options": True})
@click.option("--agent", metavar="NAME", help="What the calling program is called in policy and receipts.")
@click.option("--list-all", is_flag=True, help="List tools that are not declared or accepted, too; none is called.")
@options.as_person
@options.project
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def guard(agent: str | None, list_all: bool, person: str | None, folder: Path | None, command: tuple[str, ...]) -> None:
    """Stand in front of the MCP server that COMMAND starts.

    A call of one of its tools is an act: it has to be declared (`mcp:` with exactly this command), accepted as it is
    (`loadline mcp tools`) and permitted, may wait for an approval, and is recorded. Anything else is forbidden, and not
    listed. Over stdin and stdout.
    """
    from loadline.app import open_app
    from loadline.surfaces.mcp.guarding import run_guard

    with open_app(folder) as app:
        who = _one_caller(app, person, agent)
        with _started(command[0]):
            run_guard(app, who, command, _its_environment(), is_all_listed=list_all)


@mcp.command(context_settings={"ignore_unknown_options": True})
@click.option(
    "--output",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write them into this new file, as actions/crm.yaml.",
)
@options.project
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def tools(file: Path | None, folder: Path | None, command: tuple[str, ...]) -> None:
    """Print what the MCP server that COMMAND starts lists, as actions to declare: none of its tools is called.

    What is declared already is told from what is new, and from what changed since a person accepted it (exit 1).
    """
    from loadline.surfaces.cli import finish
    from loadline.surfaces.mcp.declaring import declare, fetch_definitions

    if file is not None and file.exists():
        raise click.UsageError(f"`{file}` is there already, and may hold what you wrote: name a new file")
    with _opened(folder) as app:
        declared = app.actions_of_server(command)
        with _started(command[0]):
            listed = fetch_definitions(command, _its_environment())
        drafted = declare(command, listed, declared)
    if file is None:
        click.echo(drafted.text, nl=False)
    else:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(drafted.text, encoding="utf-8")
        click.echo(f"written  {file}: read it before you keep it", err=True)
    if drafted.is_changed:
        finish(1)


@contextmanager
def _opened(folder: Path | None) -> Iterator[App]:
    """A shell empties the file that stdout goes to before the project is read: said where that may be what is wrong."""
    import os
    import stat

    from loadline.app import open_app
    from loadline.errors import ProjectError

    try:
        with open_app(folder) as app:
            yield app
    except ProjectError:
        if stat.S_ISREG(os.fstat(1).st_mode):
            click.echo("note: `> FILE` empties a file of the project before it is read; use `--output FILE`", err=True)
        raise


@contextmanager
def _started(program: str) -> Iterator[None]:
    from mcp.shared.exceptions import MCPError

    try:
        yield
    except OSError as error:
        raise click.UsageError(f"`{program}` cannot be started: {error.strerror or error}") from None
    except MCPError as error:
        raise click.UsageError(f"`{program}` does not speak the protocol: {error}") from None


def _its_environment() -> dict[str, str]:
    import os

    return {name: value for name, value in os.environ.items() if name != "LOADLINE_KEY"}


def _one_caller(app: App, person: str | None, agent: str | None) -> WhoCalls:
    import os

    secret = os.environ.get("LOADLINE_KEY")
    if secret is None:
        principal = app.on_behalf(person, agent=agent)
        return lambda _: principal
    if person is not None or agent is not None:
        raise click.UsageError("LOADLINE_KEY says who calls; leave out `--as` and `--agent`")
    key = app.key_of(secret)
    if key is None:
        raise click.UsageError("LOADLINE_KEY is no key of this project, or is revoked or expired")

    from loadline.surfaces.mcp.identity import holding

    return lambda wanted: holding(app, app.key_of(secret) or _refuse(), wanted)


def _refuse() -> NoReturn:
    from mcp.server.mcpserver.exceptions import ToolError

    raise ToolError("the key this server was started with is revoked or expired")


def _keyed(app: App, address: str) -> dict[str, Any]:
    """What the server needs to take only calls that carry a key, as an OAuth 2.1 resource server of this address."""
    from mcp.server.auth.settings import AuthSettings
    from pydantic import AnyHttpUrl

    from loadline.surfaces.mcp.identity import BearerVerifier

    oidc = app.project.doors.oidc
    auth = AuthSettings(
        issuer_url=AnyHttpUrl(oidc.issuer if oidc is not None else address),
        resource_server_url=AnyHttpUrl(address),
        validate_token_resource=True,
    )
    return {"auth": auth, "token_verifier": BearerVerifier(app, str(auth.resource_server_url))}
