"""A dataset as Croissant: what is described is what may be used, and its rights are its usage information."""

from __future__ import annotations

import json
from typing import Any

from loadline.project.croissant_out import CONFORMS_TO, export_croissant
from loadline.values.canonical import plain
from loadline.values.right import Right
from loadline.values.rule import Effect
from policy.test_judge_use import COLUMNS, right
from project.test_odrl_out import contract, keys


def described(*rights: Right, columns: tuple[str, ...] = COLUMNS, file: str | None = "data/c.csv") -> dict[str, Any]:
    one = contract(rights)
    document = export_croissant(
        "shop", one, one.tables["customers"], source="crm.customers", file=file, columns=columns
    )
    return dict(json.loads(json.dumps(plain(document))))


def test_it_says_where_the_data_lies_and_what_its_columns_are() -> None:
    document = described(right())
    assert document["conformsTo"] == CONFORMS_TO
    (file,) = document["distribution"]
    assert (file["contentUrl"], file["encodingFormat"]) == ("data/c.csv", "text/csv")
    (records,) = document["recordSet"]
    assert [field["name"] for field in records["field"]] == list(COLUMNS)
    assert {field["source"]["fileObject"]["@id"] for field in records["field"]} == {file["@id"]}
    assert described(right(), file=None)["distribution"][0]["contentUrl"] == "urn:loadline:relation:crm.customers"


def test_its_rights_are_an_offer_in_terms_that_its_own_context_knows() -> None:
    document = described(right(purposes=("Marketing",)), right("no", Effect.FORBID, columns=("email",)))
    usage = document["usageInfo"]
    assert usage["@type"] == ["CreativeWork", "odrl:Offer"]
    known = set(document["@context"])
    plain_words = {"name", "usageInfo"}  # of schema.org, the vocabulary where nothing else is said
    for key in keys(usage):
        assert key.startswith("@") or key in plain_words or key.partition(":")[0] in known, key
    (constraint,) = usage["odrl:permission"][0]["odrl:constraint"]
    assert constraint == {
        "odrl:leftOperand": {"@id": "odrl:purpose"},
        "odrl:operator": {"@id": "odrl:isAnyOf"},
        "odrl:rightOperand": [{"@id": "dpv:Marketing"}],
    }
    assert usage["odrl:prohibition"][0]["odrl:action"] == {"@id": "odrl:use"}


def test_a_column_that_is_left_out_is_in_no_word_of_it() -> None:
    rights = (right(columns=("region", "email")), right("mailboxes", Effect.FORBID, columns=("email",)))
    assert "email" not in json.dumps(described(*rights, columns=("region", "segment")))
    assert "email" in json.dumps(described(*rights))
