"""An App and who calls in, an MCP server out: eight tools that read, one that acts, and resources to look up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Annotated, Any, cast

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ResourceNotFoundError, ToolError
from mcp_types import ToolAnnotations
from pydantic import Field, create_model

from loadline.app import App
from loadline.errors import LoadlineError, OutsideError, RequestError
from loadline.flow.reading import Door
from loadline.surfaces import told
from loadline.surfaces.mcp import shapes
from loadline.surfaces.render.style import as_json
from loadline.values.access import May
from loadline.values.request import Written
from loadline.values.rule import Principal

WhoCalls = Callable[[May], Principal]
"""Whose call it is that is answered just now. Raises ToolError where it is nobody's, or not their door."""

INSTRUCTIONS = """\
Governed answers about this company's data. Every number comes with a receipt id: cite it. Never compute a number that
a metric could give, and never guess a metric's name: search_metrics, then describe_metric, then query_metrics. An
answer whose status is `clarify` lists `options`: ask the person which is meant. `refused` and `unverified` say why, and
what to do, in `reasons`. Check every number you write with verify_answer before you send it."""

READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
WRITES = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=False, open_world_hint=True)
_TEXT_MOST = 100_000
METRICS = (
    "Metric names or terms, with a change or share behind it if meant: `booked[% change from 1 year ago]`, "
    "`booked[change from 1 month ago]`, `booked[share across customers.region]`."
)

Start = Annotated[int, Field(ge=0, description="Number of the first one, from 0: the `next` of the page before.")]
Today = Annotated[str | None, Field(description="The day from which `last month` is counted, as YYYY-MM-DD.")]


def make_server(app: App, who: WhoCalls, *, is_read_only: bool = False, **transport: Any) -> MCPServer[Any]:
    """The server over `app`. `transport` is what MCPServer needs to know of authentication."""
    server: MCPServer[Any] = MCPServer(
        name="loadline",
        title=f"Loadline: {app.project.name}",
        instructions=INSTRUCTIONS,
        version=app.version,
        log_level="WARNING",
        **transport,
    )
    _add_catalog(server, app, who)
    _add_questions(server, app, who)
    _add_evidence(server, app, who)
    if not is_read_only:
        _add_actions(server, app, who)
    _add_resources(server, app, who)
    _close(server)
    return server


def _close(server: MCPServer[Any]) -> None:
    """An argument that a tool does not have is an error. The SDK leaves it out without a word, and a question asked
    with `filters` where it is `where` would be answered without them."""
    for tool in server._tool_manager.list_tools():  # noqa: SLF001 - it lets nobody say so when a tool is added
        open_one = tool.fn_metadata.arg_model
        closed = create_model(open_one.__name__, __base__=open_one)
        closed.model_config = {**open_one.model_config, "extra": "forbid"}
        closed.model_rebuild(force=True)
        tool.fn_metadata.arg_model = closed
        tool.parameters = closed.model_json_schema(by_alias=True)


@contextmanager
def mendable() -> Iterator[None]:
    """What went wrong, as a text that the agent can act on."""
    try:
        yield
    except RequestError as error:
        raise ToolError(_said(error) + "".join(f"\noption: {option}" for option in error.options)) from None
    except OutsideError as error:
        again = "try again later" if error.retryable else "tell whoever runs this server"
        raise ToolError(f"{_said(error)}\n{again}") from None
    except LoadlineError as error:
        raise ToolError(_said(error)) from None


def _said(error: LoadlineError) -> str:
    return "\n".join(f"{one.code}: {one.what}\nwhy: {one.why}\nmend: {one.mend}" for one in error.diagnostics)


def _add_catalog(server: MCPServer[Any], app: App, who: WhoCalls) -> None:
    @server.tool(title="Search metrics", annotations=READS)
    def search_metrics(
        text: Annotated[str, Field(max_length=500, description="Words, or nothing for all metrics.")] = "",
        start: Start = 0,
        limit: Annotated[int, Field(ge=1, le=100)] = 20,
    ) -> shapes.MetricsFound:
        """Find governed metrics by name, synonym, term or description. Only those you may ask for are listed."""
        with mendable():
            found = app.search_metrics(text, principal=who(May.READ))
        page = found[start : start + limit]
        more = start + limit < len(found)
        return shapes.MetricsFound(
            metrics=[cast("shapes.Metric", told.metric(card)) for card in page],
            total=len(found),
            truncated=more,
            next=start + limit if more else None,
        )

    @server.tool(title="Describe a metric", annotations=READS)
    def describe_metric(name: Annotated[str, Field(max_length=200)]) -> shapes.MetricWhole:
        """A metric's full definition, owner, version and date field, and every dimension it can be asked by."""
        with mendable():
            return cast("shapes.MetricWhole", told.metric_whole(app.describe_metric(name, principal=who(May.READ))))


def _add_questions(server: MCPServer[Any], app: App, who: WhoCalls) -> None:
    @server.tool(title="Query metrics", annotations=READS)
    def query_metrics(  # noqa: PLR0913, PLR0917 - one parameter per part of a question
        metrics: Annotated[Sequence[str], Field(max_length=20, description=METRICS)] = (),
        by: Annotated[
            Sequence[str], Field(max_length=10, description="Dimensions: `customers.region`, `time:month`.")
        ] = (),
        where: Annotated[
            Sequence[str], Field(max_length=20, description="Filters that all hold: `customers.region = north`.")
        ] = (),
        during: Annotated[
            str | None,
            Field(max_length=200, description="A period: `last month`, `2025-Q3`, `2025-01-01..2025-03-31`."),
        ] = None,
        order: Annotated[Sequence[str], Field(max_length=10, description="Names; `-name` for descending.")] = (),
        limit: Annotated[int | None, Field(ge=1, description="At most so many groups, as in a top five.")] = None,
        question: Annotated[
            str | None, Field(max_length=2_000, description="Instead of the parts: the question in words.")
        ] = None,
        choice: Annotated[
            int | None, Field(ge=1, description="With `question`: the number of the option a person chose.")
        ] = None,
        audience: Annotated[str | None, Field(description="Whose words are spoken, where a term differs.")] = None,
        today: Today = None,
        start: Start = 0,
        rows: Annotated[int, Field(ge=1, le=told.MOST_ROWS, description="Rows a page.")] = told.PAGE,
    ) -> shapes.Answer:
        """Ask for governed numbers, by parts (preferred) or in words. The answer says what it means, for which days,
        and carries a receipt."""
        written = Written(
            metrics=tuple(metrics),
            by=tuple(by),
            where=tuple(where),
            during=during,
            order=tuple(order),
            limit=limit,
        )
        if question is not None and written != Written():
            raise ToolError("`question` was given with other parts: ask in words or by parts, not both")
        if question is None and written == Written():
            raise ToolError("nothing was asked: give `metrics` (see search_metrics), or `question` in words")
        with mendable():
            principal = _speaking(app, who(May.ASK), audience)
            day = _day(today)
            if question is not None:
                answer = app.ask(question, principal=principal, today=day, choice=choice)
            else:
                answer = app.ask_written(written, principal=principal, today=day)
            return cast("shapes.Answer", told.answer(answer, start=start, rows=rows))

    @server.tool(title="List a dimension's values", annotations=READS)
    def list_dimension_values(
        dimension: Annotated[str, Field(max_length=200, description="As describe_metric lists it.")],
        contains: Annotated[str | None, Field(max_length=200)] = None,
        start: Start = 0,
        rows: Annotated[int, Field(ge=1, le=told.MOST_ROWS)] = told.PAGE,
    ) -> shapes.Answer:
        """The values a dimension has, so that a filter names one that exists."""
        where = (f"{dimension} contains {as_json(contains)}",) if contains else ()
        with mendable():
            answer = app.ask_written(Written(by=(dimension,), where=where), principal=who(May.ASK))
            return cast("shapes.Answer", told.answer(answer, start=start, rows=rows))


def _add_evidence(server: MCPServer[Any], app: App, who: WhoCalls) -> None:
    @server.tool(title="Verify what was written", annotations=READS)
    def verify_answer(
        text: Annotated[str, Field(max_length=_TEXT_MOST, description="Prose, Markdown, CSV or JSON with numbers.")],
        audience: Annotated[str | None, Field(description="Whose words are spoken, where a term differs.")] = None,
        today: Today = None,
    ) -> shapes.Verified:
        """Check every number of a text against governed metrics. A wrong one comes back with the right value and with
        what the number really is."""
        with mendable():
            found = app.verify(text, principal=_speaking(app, who(May.ASK), audience), today=_day(today))
        return cast("shapes.Verified", told.verification(found))

    @server.tool(title="Get a receipt", annotations=READS)
    def get_receipt(
        receipt: Annotated[str, Field(max_length=100, description="A receipt id, as an answer gives it.")],
        whole: Annotated[bool, Field(description="With everything an auditor reads.")] = False,
    ) -> shapes.Receipt:
        """How an answer came about, or why there was none: meaning, dates, SQL, sources, checks, ledger entry."""
        with mendable():
            found = app.receipt_for(receipt, door=Door(principal=who(May.READ), decides=False))
        return shapes.Receipt(receipt=told.shortened(found, is_whole=whole))

    @server.tool(title="State of the data", annotations=READS)
    def data_status(
        datasets: Annotated[Sequence[str], Field(max_length=100, description="Datasets, or nothing for all.")] = (),
    ) -> shapes.DataStatus:
        """Whether the data keeps its promises, by the newest look at each table. Nothing is queried for it."""
        principal = who(May.READ)
        with mendable():
            found = app.data_status(tuple(datasets), principal=principal)
        return cast("shapes.DataStatus", told.data_status(found))


def _add_actions(server: MCPServer[Any], app: App, who: WhoCalls) -> None:
    @server.tool(title="Propose an action", annotations=WRITES)
    def propose_action(
        action: Annotated[str, Field(max_length=200, description="A declared action; loadline://actions lists them.")],
        arguments: Annotated[dict[str, Any], Field(description="By name, as the action declares them.")] = {},  # noqa: B006
        key: Annotated[
            str | None, Field(max_length=200, description="The same key again is the same request: it is done once.")
        ] = None,
        dry_run: Annotated[bool, Field(description="Only say what it would do.")] = False,
    ) -> shapes.Acted:
        """Ask for a declared action. It is measured, judged and recorded first; it may be done, held for a person's
        approval, or forbidden. Nothing happens that is not in the result."""
        with mendable():
            said = app.act(action, arguments, principal=who(May.PROPOSE), key=key, is_dry_run=dry_run)
            return cast("shapes.Acted", told.act(said))

    @server.tool(title="Look at an action", annotations=READS)
    def get_action(
        run: Annotated[str, Field(max_length=100, description="The `run` that propose_action gave.")],
    ) -> shapes.Acted:
        """What became of an action you proposed: whether it waits, was done, or was refused, and why."""
        with mendable():
            return cast(
                "shapes.Acted", told.act(app.act_status_for(run, door=Door(principal=who(May.READ), decides=False)))
            )

    @server.resource("loadline://actions", title="Declared actions", mime_type="application/json")
    def actions() -> str:
        """Every declared action, with its arguments. Whether it may be done is judged when it is proposed."""
        who(May.READ)
        return as_json([told.action(one) for one in app.project.actions.values()])


def _add_resources(server: MCPServer[Any], app: App, who: WhoCalls) -> None:
    @server.resource("loadline://catalog", title="Governed metrics", mime_type="application/json")
    def catalog() -> str:
        """Every metric you may ask for."""
        return as_json([told.metric(card) for card in app.search_metrics(principal=who(May.READ))])

    @server.resource("loadline://metrics/{name}", title="A metric", mime_type="application/json")
    def metric(name: str) -> str:
        """A metric's full definition."""
        with _there():
            return as_json(told.metric_whole(app.describe_metric(name, principal=who(May.READ))))

    @server.resource("loadline://receipts/{receipt}", title="A receipt", mime_type="application/json")
    def receipt_of(receipt: str) -> str:
        """How an answer came about."""
        with _there():
            return as_json(app.receipt_for(receipt, door=Door(principal=who(May.READ), decides=False)))


@contextmanager
def _there() -> Iterator[None]:
    try:
        yield
    except RequestError as error:
        raise ResourceNotFoundError(_said(error)) from None


def _speaking(app: App, principal: Principal, audience: str | None) -> Principal:
    return principal if audience is None else app.speaking(principal, audience)


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ToolError(f"`today` is `{text}`, which is no day: write it as 2025-11-14") from None
