"""The shape of `data:` in a policy file: what becomes of answers over data that is not in order."""

from __future__ import annotations

from loadline.project.forms import LABEL, PATTERN
from loadline.project.shapes import Key, ListOf, Record, Word
from loadline.values.promise import DataState
from loadline.values.ruling import Fate

_NAMES = ListOf(item=Word(form=LABEL), least=1)
STATE_RULES = Key(
    doc="what becomes of answers over data that is not in order; amber marks and red withholds, if nothing is written",
    shape=ListOf(
        item=Record(
            keys={
                "name": Key(shape=Word(form=LABEL), is_required=True, doc="the rule's name, which receipts give"),
                "state": Key(
                    shape=Word(choices=(DataState.AMBER, DataState.RED)),
                    is_required=True,
                    doc="`amber`: a promise of severity warning is broken, or data drifts; `red`: one of error",
                ),
                "then": Key(
                    shape=Word(choices=tuple(Fate)), is_required=True, doc="what becomes of an answer that rests on it"
                ),
                "ask": Key(shape=Word(form=LABEL), doc="with `hold`: the owner or person who may release it"),
                "who": Key(
                    doc="who asks; anyone if not written",
                    shape=Record(
                        least=1,
                        keys={
                            "people": Key(shape=_NAMES, doc="by name"),
                            "roles": Key(shape=_NAMES, doc="holding one of these roles"),
                            "audiences": Key(shape=_NAMES, doc="speaking for one of these audiences"),
                        },
                    ),
                ),
                "metrics": Key(
                    shape=ListOf(item=Word(form=PATTERN), least=1), doc="what is asked for; anything if not written"
                ),
                "because": Key(shape=Word(may_be_empty=True), doc="why the rule is there"),
            }
        )
    ),
)
