"""Rights: default deny, a forbid wins, what is unsaid counts against the user; as a slow, obvious evaluator has it."""

from __future__ import annotations

from datetime import date, timedelta
from fnmatch import fnmatchcase

from hypothesis import given, settings
from hypothesis import strategies as st

from loadline.policy import judge_use
from loadline.values.decision import Forbid, Permit
from loadline.values.place import Place
from loadline.values.purpose import PURPOSES
from loadline.values.right import INSIDE, Held, Right, Use, WantedUse
from loadline.values.rule import Effect, Principal
from loadline.values.text import Text

HERE = Place(file="contracts/customers.yaml", line=9, column=5)
TODAY = date(2026, 11, 25)
ANA = Principal(name="ana", roles=("analyst",))


def right(name: str = "r", effect: Effect = Effect.PERMIT, consent: str | None = None, **said: object) -> Right:
    agreed = Text(value=consent, place=HERE) if consent else None
    return Right(name=name, effect=effect, consent=agreed, place=HERE, **said)  # type: ignore[arg-type]


def held(*rights: Right, columns: tuple[str, ...] = ("email",), owner: str | None = "sales-ops") -> Held:
    return Held(dataset="customers", columns=columns, contract="customers", owner=owner, rights=rights)


def usage(
    use: Use = Use.INFERENCE_CONTEXT,
    purpose: str | None = None,
    provider: str | None = INSIDE,
    region: str | None = None,
) -> WantedUse:
    who = Principal(name="ana", roles=("analyst",), purpose=purpose)
    return WantedUse(use=use, principal=who, today=TODAY, provider=provider, region=region)


def code(decision: Permit | Forbid) -> str | None:
    return decision.code if isinstance(decision, Forbid) else None


def test_a_list_without_a_permit_allows_nothing() -> None:
    decision = judge_use([held()], usage())
    assert isinstance(decision, Forbid)
    assert decision.code == "RGT001"
    assert "`customers.email`" in decision.because
    assert "contract `customers`" in decision.because
    assert "sales-ops" in decision.mend


def test_a_contract_without_a_list_is_named_and_allows_what_it_does_not_forbid() -> None:
    silent = Held(dataset="orders", columns=("amount",), contract="orders", owner=None, rights=None)
    decision = judge_use([silent, held(right())], usage())
    assert decision == Permit(rules=("r",), unstated=("orders",))


def test_a_forbid_beats_every_permit_and_says_whom_to_ask() -> None:
    closed = right("mailboxes", Effect.FORBID, columns=("e*",), because="nobody asked them")
    for order in ((right(), closed), (closed, right())):
        decision = judge_use([held(*order, columns=("email", "region"))], usage())
        assert isinstance(decision, Forbid)
        assert (decision.code, decision.rules) == ("RGT002", ("mailboxes",))
        assert "nobody asked them" in decision.because
        assert "contracts/customers.yaml:9:5" in decision.mend
    assert code(judge_use([held(right(), closed, columns=("region",))], usage())) is None


def test_one_column_that_is_not_permitted_refuses_the_whole_use() -> None:
    some = right(columns=("region", "segment"))
    assert code(judge_use([held(some, columns=("region", "segment"))], usage())) is None
    assert code(judge_use([held(some, columns=("region", "email"))], usage())) == "RGT001"


def test_rows_of_which_no_column_is_read_need_a_permit_for_all_columns() -> None:
    assert code(judge_use([held(right(columns=("region",)), columns=())], usage())) == "RGT001"
    assert code(judge_use([held(right(), columns=())], usage())) is None


def test_a_permit_for_a_purpose_covers_its_parts_and_needs_one_to_be_said() -> None:
    some = held(right(purposes=("Marketing",)))
    assert code(judge_use([some], usage(purpose="Marketing"))) is None
    assert code(judge_use([some], usage(purpose="DirectMarketing"))) is None
    assert code(judge_use([some], usage(purpose="ServiceProvision"))) == "RGT001"
    unsaid = judge_use([some], usage())
    assert isinstance(unsaid, Forbid)
    assert "`--purpose Marketing`" in unsaid.mend


def test_a_forbid_for_a_purpose_holds_for_its_parts_for_what_it_is_part_of_and_where_none_is_said() -> None:
    some = held(right(), right("ads", Effect.FORBID, purposes=("Advertising",)))
    refused = (None, "Advertising", "TargetedAdvertising", "Marketing")
    assert [code(judge_use([some], usage(purpose=said))) for said in refused] == ["RGT002"] * 4
    assert code(judge_use([some], usage(purpose="ServiceProvision"))) is None


def test_a_provider_is_known_and_a_region_may_not_be() -> None:
    some = held(right("in", providers=(INSIDE,)), right("out", providers=("open*",), regions=("eu",)))
    assert code(judge_use([some], usage())) is None
    assert code(judge_use([some], usage(provider="openai", region="eu"))) is None
    assert code(judge_use([some], usage(provider="openai", region="us"))) == "RGT001"
    assert code(judge_use([some], usage(provider="openai"))) == "RGT001"
    assert code(judge_use([some], usage(provider="anthropic", region="eu"))) == "RGT001"


def test_a_right_holds_through_its_last_day() -> None:
    assert code(judge_use([held(right(until=TODAY))], usage())) is None
    assert code(judge_use([held(right(until=TODAY - timedelta(days=1)))], usage())) == "RGT001"


def test_a_consent_is_an_obligation_unless_another_permit_needs_none() -> None:
    agreed = right("agreed", consent="consents.is_granted")
    decision = judge_use([held(agreed)], usage())
    assert isinstance(decision, Permit)
    assert [[one.expr.value for one in group] for group in decision.row_filters] == [["consents.is_granted"]]
    assert all(one.is_consent for group in decision.row_filters for one in group)
    assert judge_use([held(agreed, right("all"))], usage()) == Permit(rules=("agreed", "all"))


def test_a_fault_while_judging_forbids() -> None:
    broken = Held(dataset="d", columns=("c",), contract="c", owner=None, rights=(None,))  # type: ignore[arg-type]
    assert code(judge_use([broken], usage())) == "RGT003"


# the same as a slow, obvious evaluator

COLUMNS = ("email", "region", "segment")
SOME_PURPOSES = ("Marketing", "Advertising", "TargetedAdvertising", "ServiceProvision", "PaymentManagement")
DAYS = (TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=1))


def some(values: tuple[object, ...]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.one_of(st.just(()), st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True).map(tuple))


RIGHTS = st.lists(
    st.builds(
        right,
        name=st.sampled_from(("a", "b", "c")),
        effect=st.sampled_from((Effect.PERMIT, Effect.PERMIT, Effect.FORBID)),
        uses=some((Use.INFERENCE_CONTEXT, Use.PRE_TRAINING)),
        purposes=some(SOME_PURPOSES),
        people=some(("ana", "bo*")),
        roles=some(("analyst", "data-*")),
        columns=some((*COLUMNS, "re*")),
        regions=some(("eu", "us")),
        providers=some((INSIDE, "open*")),
        until=st.sampled_from((None, None, *DAYS)),
    ),
    max_size=5,
)
USAGES = st.builds(
    usage,
    use=st.sampled_from((Use.INFERENCE_CONTEXT, Use.PRE_TRAINING)),
    purpose=st.sampled_from((None, *SOME_PURPOSES)),
    provider=st.sampled_from((None, INSIDE, "openai")),
    region=st.sampled_from((None, "eu", "us")),
)


def wider(purpose: str) -> set[str]:
    """Every purpose that this one is part of, step by step."""
    found, todo = set[str](), [purpose]
    while todo:
        one = todo.pop()
        found.add(one)
        todo.extend(PURPOSES[one])
    return found


def speaks(one: Right, column: str, used: WantedUse) -> bool:
    who = used.principal
    lists: list[tuple[tuple[str, ...], list[str]]] = [
        (one.people, [who.name]), (one.roles, list(who.roles)),
        (one.columns, [column]),
    ]  # fmt: skip
    for patterns, own in lists:
        if patterns and not [p for p in patterns for name in own if fnmatchcase(name, p)]:
            return False
    if one.providers and used.provider is None and one.effect is not Effect.FORBID:
        return False
    if one.providers and used.provider and not [p for p in one.providers if fnmatchcase(used.provider, p)]:
        return False
    if one.uses and used.use not in one.uses:
        return False
    if one.until is not None and one.until < used.today:
        return False
    return may_be(one, one.regions, used.region, {used.region}) and may_be(
        one, one.purposes, who.purpose, {who.purpose} | (wider(who.purpose) if who.purpose else set())
    )


def may_be(one: Right, written: tuple[str, ...], said: str | None, counts_as: set[str | None]) -> bool:
    is_forbid = one.effect is Effect.FORBID
    if not written:
        return True
    if said is None:
        return is_forbid
    return any(name in counts_as or (is_forbid and name in PURPOSES and said in wider(name)) for name in written)


@given(rights=RIGHTS, used=USAGES, columns=st.lists(st.sampled_from(COLUMNS), min_size=1, unique=True))
@settings(max_examples=300, deadline=None)
def test_rights_are_judged_as_the_slow_evaluator_judges_them(
    rights: list[Right], used: WantedUse, columns: list[str]
) -> None:
    decision = judge_use([held(*rights, columns=tuple(columns))], used)
    speaking = [[one for one in rights if speaks(one, column, used)] for column in columns]
    may = all(spoken and not [one for one in spoken if one.effect is Effect.FORBID] for spoken in speaking)
    assert isinstance(decision, Permit) is may
    if isinstance(decision, Permit):
        assert set(decision.rules) == {one.name for spoken in speaking for one in spoken}
    assert judge_use([held(*reversed(rights), columns=tuple(columns))], used).rules == decision.rules or not may
