"""The command line: `loadline COMMAND`. Each command parses, calls one App method, renders.

Only click is imported until a command runs, so that `--help` and completion answer at once.
"""

from __future__ import annotations

import importlib
import itertools
import os
import sys
from collections.abc import Mapping, Sequence
from typing import ClassVar

import click

_COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("init:init", "Start a project here, or write the demo company with --demo."),
    "import": ("importing:imports", "Draft project files from a warehouse, or from what is written elsewhere."),
    "check": ("check:check", "Read the project and say everything that is wrong with it."),
    "ask": ("ask:ask", "Ask for governed numbers; get them with a receipt."),
    "verify": ("verify:verify", "Check the numbers an AI wrote against governed ones."),
    "data": ("contracts:contracts", "Check what contracts promise on the live data."),
    "guard": ("guard:guard", "Judge SQL before it runs: read, write, ddl, or denied and why."),
    "words": ("words:words", "Read words: what a time or a question is taken to mean."),
    "impact": ("impact:impact", "Show what rests on a column, dataset, metric or term."),
    "lineage": ("lineage:lineage", "Show what a name is made of, and what rests on it, from source to assistant."),
    "diff": ("diff:diff", "Show what a change of the project does to definitions and answers."),
    "debt": ("debt:debt", "List what is unclear, unowned, unpromised or unused, with its number."),
    "consistency": ("consistency:consistency", "Tell how alike the answers to the same question were, and why not."),
    "traffic": ("traffic:traffic", "Tell what kinds of questions are asked, and which of them nothing tests."),
    "replay": ("replay:replay", "Ask what is verified again, and say what changed and why."),
    "feedback": ("feedback:feedback", "Say of an answer what is wrong with it, or that it helped."),
    "rollup": ("rollup:rollup", "List rollups, print the SQL that fills one, find which would pay."),
    "policy": ("policy:policy", "Test the rules, ask what they decide, try them on what was decided."),
    "export": ("transfer:export", "Write the project as another tool reads it."),
    "act": ("act:act", "Let an agent act: judged by effect, bounded, recorded, undoable."),
    "approvals": ("approvals:approvals", "List what waits for a yes; approve or reject it."),
    "freeze": ("freeze:freeze", "Stop an agent, a workflow or everything, at once and everywhere."),
    "thaw": ("freeze:thaw", "Let what another person froze go on."),
    "receipt": ("receipt:receipt", "Explain how an answer came about, and prove it."),
    "drift": ("drift:drift", "Tell whether the data still looks as it did; accept a new baseline."),
    "watch": ("watch:watch", "Look at everything that is due, once or as a daemon."),
    "ledger": ("ledger:ledger", "Read, prove or export the record of everything that happened."),
    "serve": ("serve:serve", "Serve people and programs over HTTP."),
    "mcp": ("mcp:mcp", "Serve agents over the Model Context Protocol."),
    "keys": ("keys:keys", "Make, list and revoke the keys that open a server's doors."),
    "explain": ("explain:explain", "Explain a code such as SEM014, offline."),
    "schema": ("schema:schema", "Print the JSON Schema of a file kind, for editors."),
    "demo": ("demo:demo", "Watch the main job on a company made up for it."),
}


class LazyGroup(click.Group):
    """Knows its commands by name (`known`: where each is, and what it does) and imports one only when it is called."""

    known: ClassVar[Mapping[str, tuple[str, str]]] = {}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(self.known)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in self.known:
            return None
        module, attribute = self.known[cmd_name][0].split(":")
        command = getattr(importlib.import_module(f"loadline.surfaces.cli.{module}"), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}:{attribute} is not a command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Commands"):
            formatter.write_dl([(name, said) for name, (_, said) in self.known.items()])


class _Commands(LazyGroup):
    known = _COMMANDS


def _version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value:
        from importlib.metadata import version

        click.echo(f"loadline {version('loadline-ai')}")
        ctx.exit()


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Print the version."
)
def cli() -> None:
    """The layer between AI assistants and your data: one meaning, proven answers, a ledger of everything.

    \b
    Exit codes: 0 fine · 1 findings, withheld or forbidden · 2 usage, project or question
                3 something outside failed · 4 a person must look (the ledger does not prove)
    """


def main(argv: Sequence[str] | None = None) -> None:
    """The entry point: runs a command and turns every error into diagnostics and an exit code, never a traceback."""
    sys.exit(run(argv))


def run(argv: Sequence[str] | None = None) -> int:
    """Run one command line; return its exit code."""
    code = _run(argv)
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        _discard_output()
    except OSError as error:
        _discard_output()
        return _failed(error)
    return code


def _run(argv: Sequence[str] | None) -> int:
    try:
        # `color`: what is painted and what is not is decided by our own palette, so click shall not wash it off.
        words = list(argv) if argv is not None else None
        code = cli.main(args=words, prog_name="loadline", standalone_mode=False, color=True)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as wrong:
        wrong.show()
        return 2
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted; what was recorded is complete", err=True)
        return 130
    except SystemExit:  # click's way of saying that the reader went away (`| head`)
        _discard_output()
        return 0
    except Exception as error:  # noqa: BLE001 - the boundary: nothing passes as a traceback
        return _failed(error, is_json=_asks_for_json(sys.argv[1:] if argv is None else argv))
    return code if isinstance(code, int) else 0


def _discard_output() -> None:
    """Point stdout elsewhere, so that closing it at the end does not fail once more."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, sys.stdout.fileno())
    finally:
        os.close(nowhere)


def finish(code: int) -> None:
    """Let the command end with this exit code."""
    click.get_current_context().exit(code)


def _asks_for_json(argv: Sequence[str]) -> bool:
    return "--format=json" in argv or ("--format", "json") in itertools.pairwise(argv)


def _failed(error: Exception, *, is_json: bool = False) -> int:
    from loadline.errors import Bug, LoadlineError, OutsideError
    from loadline.surfaces.render.diagnostics import as_json, as_text
    from loadline.surfaces.render.style import Palette
    from loadline.values.diagnostic import Diagnostic

    if isinstance(error, OSError):
        name = f" `{error.filename}`" if error.filename else ""
        error = OutsideError(
            Diagnostic(
                code="CLI002",
                what=f"the system refused to read or write{name}: {error.strerror or error}",
                why="what was asked for needs a file, or the place the output goes to",
                mend="choose a place you may read and write, with room on its disk",
            )
        )
    if not isinstance(error, LoadlineError):
        if os.environ.get("LOADLINE_DEBUG"):
            raise error
        error = Bug(
            Diagnostic(
                code="CLI001",
                what=f"loadline broke its own promise ({type(error).__name__}: {error})",
                why="no input should lead here",
                mend="run again with LOADLINE_DEBUG=1 and report what it prints",
            )
        )
    palette = Palette.of(sys.stderr)
    for diagnostic in error.diagnostics:
        click.echo(as_text(diagnostic, palette), err=True)
    if is_json:  # a program that reads stdout learns it there, too
        import json

        try:
            click.echo(json.dumps({"exit_code": error.exit_code, "diagnostics": as_json(error.diagnostics)}))
        except OSError:  # stdout itself is what failed; stderr has said so
            _discard_output()
    return error.exit_code
