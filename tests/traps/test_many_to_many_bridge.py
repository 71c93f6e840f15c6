"""Bridge: doctors and patients meet in visits; a doctor's salary does not belong to a patient's city, unless somebody
declares that visits are a bridge: then a doctor counts once in every city they have a patient in."""

from dataclasses import replace

from loadline.semantics import codes, compile_sql, resolve
from semantics.oracle_world import Table, World, ask
from semantics.shop import row_filter
from traps.by_hand import Worked
from traps.trap import answers, refuses

WORLD = World(
    Table("doctors", {"id": "integer", "ward": "string", "salary": "integer"},
          rows=[(1, "eye", 10), (2, "eye", 20), (3, "ear", 40)], key=("id",)),
    Table("patients", {"id": "integer", "city": "string"}, rows=[(1, "Oslo"), (2, "Rome")], key=("id",)),
    Table("visits", {"doctor_id": "integer", "patient_id": "integer", "minutes": "integer"},
          rows=[(1, 1, 5), (1, 2, 6), (1, 1, 7), (2, 1, 8)]),
    joins=["visits.doctor_id -> doctors.id", "visits.patient_id -> patients.id"],
    metrics={
        "salaries": "sum(doctors.salary)",
        "minutes": "sum(visits.minutes)",
        "patients_counted": "count(patients)",
        "patients_seen": "count(distinct visits.patient_id)",
        "salary_per_minute": "salaries / minutes",
    },
)  # fmt: skip


def test_the_naive_join_pays_a_doctor_once_for_each_visit() -> None:
    naive = WORLD.plain_sql(
        "SELECT city, sum(salary) FROM doctors d JOIN visits v ON v.doctor_id = d.id JOIN patients p"
        " ON p.id = v.patient_id GROUP BY city ORDER BY city"
    )
    assert naive == [("Oslo", 40), ("Rome", 10)]  # 10 twice in Oslo, and 10 again in Rome


def test_the_bridge_itself_is_measured_by_both_sides() -> None:
    query = ask("minutes", "patients_seen", by=["doctors.ward", "patients.city"])
    answers(WORLD, query, [("eye", "Oslo", 20, 1), ("eye", "Rome", 6, 1)])


def test_one_side_is_not_broken_down_across_the_bridge() -> None:
    refuses(WORLD, ask("salaries", by=["patients.city"]), codes.FAN_OUT)
    refuses(WORLD, ask("salaries", "minutes", by=["patients.city"]), codes.FAN_OUT)
    refuses(WORLD, ask("salary_per_minute", by=["patients.city"]), codes.FAN_OUT)
    refuses(WORLD, ask("patients_counted", by=["doctors.ward"]), codes.FAN_OUT)


def test_one_side_beside_the_bridge_keeps_its_total() -> None:
    answers(WORLD, ask("salaries", "minutes", by=["doctors.ward"]), [("ear", 40, None), ("eye", 30, 26)])
    answers(WORLD, ask("salaries", "minutes", "patients_counted"), [(70, 26, 2)])


def declared(*, has_key: bool = True) -> Worked:
    model = WORLD.model
    datasets = {**model.datasets, "visits": replace(model.datasets["visits"], is_bridge=True)}
    if not has_key:
        datasets["doctors"] = replace(datasets["doctors"], key=())
    return Worked(
        model=replace(model, datasets=datasets),
        tables={
            "doctors": "SELECT * FROM (VALUES (1, 'eye', 10), (2, 'eye', 20), (3, 'ear', 40)) t(id, ward, salary)",
            "patients": "SELECT * FROM (VALUES (1, 'Oslo'), (2, 'Rome')) t(id, city)",
            "visits": """SELECT * FROM (VALUES (1, 1, 5), (1, 2, 6), (1, 1, 7), (2, 1, 8)
                ) t(doctor_id, patient_id, minutes)""",
        },
    )


def test_beyond_a_declared_bridge_each_counts_once_in_every_group() -> None:
    world = declared()
    world.answers(ask("salaries", by=["patients.city"]), [("Oslo", 30), ("Rome", 10), (None, 40)])
    world.answers(ask("salaries"), [(70,)])
    world.answers(ask("patients_counted", by=["doctors.ward"]), [("eye", 2)])
    world.answers(
        ask("salaries", "minutes", by=["patients.city"]), [("Oslo", 30, 20), ("Rome", 10, 6), (None, 40, None)]
    )


def test_what_cannot_be_told_apart_is_not_taken_across_a_bridge() -> None:
    declared(has_key=False).refuses(ask("salaries", by=["patients.city"]), codes.FAN_OUT)


def test_a_rule_that_looks_beyond_the_bridge_counts_nobody_twice() -> None:
    world = declared()
    linked, hidden = world.linked(), ((row_filter("patients.city is not null"),),)
    for asked, by_hand in ((ask("salaries"), [(30,)]), (ask("salaries", by=["doctors.ward"]), [("eye", 30)])):
        statement = compile_sql(linked, resolve(linked, asked), row_filters=hidden)
        assert world.connection().execute(statement.sql).fetchall() == by_hand
        assert "id" in next(use.columns for use in statement.sources if use.dataset == "doctors")
