"""The shape of `doors:` in loadline.yaml: the address, the rate, and the issuer of tokens that are trusted."""

from __future__ import annotations

from loadline.project.forms import CLAIM, ISSUER, LABEL, REFERENCE, SERVED
from loadline.project.shapes import Either, Key, ListOf, NamesTo, Number, Record, Word
from loadline.values.access import SIGNATURES, DoorRole

_OIDC = Record(
    keys={
        "issuer": Key(
            shape=Word(form=ISSUER), is_required=True, doc="who signs the tokens, as their claim `iss` has it"
        ),
        "audience": Key(
            shape=Either(scalar=Word(), items=ListOf(item=Word(), least=1)),
            is_required=True,
            doc="for whom tokens must be made out (`aud`): this server's address, or the name the issuer has for it",
        ),
        "algorithms": Key(
            shape=ListOf(item=Word(choices=SIGNATURES), least=1),
            doc="what tokens may be signed with; `[RS256, ES256]` if not written",
        ),
        "person": Key(shape=Word(form=CLAIM), doc="the claim that says who it is; `sub` if not written"),
        "people": Key(
            shape=NamesTo(name=CLAIM, item=Word(form=LABEL)),
            doc="values of that claim → one of `people`, where the two are not the same",
        ),
        "roles_in": Key(
            shape=Word(form=CLAIM),
            doc="the claim that says what it opens, with dots into it; `scope` if not written",
        ),
        "roles": Key(
            shape=NamesTo(name=CLAIM, item=Word(choices=tuple(role.value for role in DoorRole))),
            is_required=True,
            doc="values of that claim → the role they give at the doors; of several, the first written counts",
        ),
        "leeway_seconds": Key(
            shape=Number(least=0, most=300), doc="by how much clocks may differ; 30 seconds if not written"
        ),
        "client": Key(
            shape=Word(form=CLAIM), doc="the console's own name at the issuer: people sign in there, not with keys"
        ),
        "client_secret": Key(
            shape=Word(form=REFERENCE), doc="the console's secret there: `env:NAME`, never the secret itself"
        ),
    }
)
DOORS = Record(
    keys={
        "url": Key(
            shape=Word(form=SERVED),
            doc="the address `loadline serve` is reached by; the one that each request names, if not written",
        ),
        "calls_per_minute": Key(
            shape=Number(is_whole=True, least=1, most=1_000_000),
            doc="how many calls one key or one caller may make; 3,000 if not written",
        ),
        "oidc": Key(shape=_OIDC, doc="the issuer of tokens (OpenID Connect, OAuth 2.1) that are trusted"),
    }
)
