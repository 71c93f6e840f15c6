"""NULL groups: a full join on a nullable key leaves two NULL rows, each with half of the numbers."""

from semantics.oracle_world import Table, World, ask
from traps.trap import answers

WORLD = World(
    Table("sales", {"region": "string", "channel": "string", "amount": "integer"},
          rows=[("north", "web", 1), (None, "web", 2), (None, None, 4), ("north", None, 8)]),
    Table("places", {"region": "string", "id": "integer"}, rows=[("north", 1), (None, 2), ("south", 3)], key=("id",)),
    Table("returns", {"place_id": "integer", "amount": "integer"}, rows=[(1, 10), (2, 20), (None, 40), (77, 80)]),
    Table("visits", {"place_id": "integer"}, rows=[(2,), (3,)]),
    joins=["returns.place_id -> places.id", "visits.place_id -> places.id"],
    metrics={
        "sold": "sum(sales.amount)",
        "returned": "sum(returns.amount)",
        "visits_counted": "count(visits)",
        "returned_per_visit": "returned / visits_counted",
    },
)  # fmt: skip


def test_the_naive_full_join_shows_the_null_group_twice() -> None:
    naive = WORLD.plain_sql(
        "WITH r AS (SELECT p.region, sum(amount) AS a FROM returns r LEFT JOIN places p ON p.id = place_id GROUP BY 1),"
        " v AS (SELECT p.region, count(*) AS n FROM visits v LEFT JOIN places p ON p.id = v.place_id GROUP BY 1)"
        " SELECT region, a, n FROM r FULL JOIN v USING (region) ORDER BY region NULLS LAST, a NULLS LAST"
    )
    assert naive == [("north", 10, None), ("south", None, 1), (None, 140, None), (None, None, 1)]


def test_nulls_of_both_facts_are_one_group() -> None:
    query = ask("returned", "visits_counted", "returned_per_visit", by=["places.region"])
    answers(WORLD, query, [("north", 10, 0, None), ("south", None, 1, None), (None, 140, 1, 140)])


def test_null_is_a_value_of_each_dimension_for_itself() -> None:
    query = ask("sold", by=["sales.region", "sales.channel"])
    answers(WORLD, query, [("north", "web", 1), ("north", None, 8), (None, "web", 2), (None, None, 4)])


def test_null_comes_last_in_both_directions() -> None:
    answers(WORLD, ask("sold", by=["sales.region"], order=["sales.region"]), [("north", 9), (None, 6)])
    answers(WORLD, ask("sold", by=["sales.region"], order=["-sales.region"]), [("north", 9), (None, 6)])
    query = ask("returned", "visits_counted", by=["places.region"], order=["-returned"], limit=2)
    answers(WORLD, query, [(None, 140, 1), ("north", 10, 0)])


def test_the_null_group_can_be_asked_for() -> None:
    answers(WORLD, ask("returned", "visits_counted", where=[("places.region", "is-null")]), [(140, 1)])
