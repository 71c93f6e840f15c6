"""Which paths a name means, seen from a fact."""

from __future__ import annotations

from loadline.semantics.graph import Graph, build_graph
from loadline.values.model import Relationship
from loadline.values.place import Place


def step(written: str, role: str | None = None, valid: tuple[str, str] | None = None) -> Relationship:
    """`a.x -> b.y`"""
    (source, here), (target, there) = (end.strip().split(".") for end in written.split("->"))
    return Relationship(
        source=source, source_columns=(here,), target=target, target_columns=(there,), role=role, valid=valid,
        place=Place(file="x"),
    )  # fmt: skip


def spelled(graph: Graph, fact: str, *steps: str) -> list[str]:
    return [graph.spell(fact, path) for path in graph.find(fact, steps)]


def test_a_detour_by_one_and_the_same_key_is_no_second_way() -> None:
    graph = build_graph((step("a.k -> b.k"), step("b.k -> c.k"), step("a.k -> c.k")))
    assert spelled(graph, "a", "c") == ["a.c"]


def test_another_key_is_another_way() -> None:
    graph = build_graph((step("a.k -> b.k"), step("b.j -> c.k"), step("a.k -> c.k")))
    assert spelled(graph, "a", "c") == ["a.c", "a.b.c"]


def test_a_way_round_through_a_history_is_another_way() -> None:
    graph = build_graph((step("a.k -> b.k", valid=("f", "t")), step("b.k -> c.k"), step("a.k -> c.k")))
    assert spelled(graph, "a", "c") == ["a.c", "a.b.c"]


def test_the_only_way_is_no_detour() -> None:
    graph = build_graph((step("a.k -> b.k"), step("b.k -> c.k")))
    assert spelled(graph, "a", "c") == ["a.b.c"]


def test_a_role_of_the_fact_itself_is_meant_before_one_farther_off() -> None:
    graph = build_graph(
        (step("a.u -> users.id", "user"), step("a.l -> b.id"), step("b.u -> users.id", "user")),
    )
    assert spelled(graph, "a", "user") == ["a.user"]
    assert spelled(graph, "a", "b", "user") == ["a.b.user"]
    assert spelled(graph, "b", "user") == ["b.user"]
    assert spelled(graph, "a", "users") == ["a.user", "a.b.user"]
