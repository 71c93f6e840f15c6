"""A project holds no secret: what looks like one is an error, and nothing that is said repeats it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadline import semantics
from loadline.errors import ProjectError
from loadline.project import Reading, codes
from project.sample import base, reading

# Put together here, so that no scanner of repositories takes this file for a leak.
ISSUED = {
    "aws": "AKIA" + "IOSFODNN7EXAMPLE",
    "github": "ghp_" + "a1B2" * 9,
    "gitlab": "glpat-" + "x9Y8z7W6v5U4t3S2",
    "slack": "xoxb-" + "123456789012-abcdefGHIJKL",
    "google": "AIza" + "B" * 35,
    "stripe": "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc",
    "databricks": "dapi" + "0123456789abcdef" * 2,
    "jwt": "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0In0." + "c2lnbmF0dXJlLW9mLWl0",
    "address": "postgresql://shop:" + "tops3cret-word" + "@db.example.com:5432/shop",
    "dsn": "Server=db;User=shop;Password=" + "tops3cret-word",
}
CORE = {"address": "tops3cret-word", "dsn": "tops3cret-word"}


def everything(found: Reading) -> str:
    """Every word a person, a log or a machine could get to see."""
    said = list(found.diagnostics)
    if found.model is not None:
        try:
            semantics.link(found.model)
        except ProjectError as error:
            said += [*error.diagnostics, *found.shown(error.diagnostics)]
    return "\n".join(repr(one) for one in said) + repr(found)


def is_refused_in_silence(found: Reading, secret: str) -> bool:
    assert codes.SECRET in {one.code for one in found.diagnostics}
    assert found.project is None
    return secret not in everything(found)


@pytest.mark.parametrize("kind", ISSUED)
@pytest.mark.parametrize(
    "template",
    [
        "metrics:\n  broken:\n    is: count(orders)\n    description: {secret}\n",
        'metrics:\n  broken: {{is: count(orders), description: "use {secret} here"}}\n',
        "metrics:\n  broken:\n    is: >\n      {secret}\n",
        'metrics:\n  broken: {{is: "{secret}", wehre: x, status: "{secret}", owner: "{secret}"}}\n',
        'metrics:\n  "{secret}": {{is: count(orders)}}\n',
        'datasets:\n  broken: {{source: "{secret}", contract: "{secret}", time: "{secret}"}}\n',
        'relationships:\n  - "{secret}"\n  - {{from: "{secret}", to: "{secret}"}}\n',
        'terms:\n  broken: {{"{secret}": "{secret}", otherwise: "{secret}", synonyms: "{secret}"}}\n',
        'metrics:\n  "{secret}": {{is: count(orders)}}\n  "{secret}": {{is: count(orders)}}\n',
        'calendar: {{timezone: "{secret}", fiscal_year_starts: "{secret}"}}\n',
    ],
    ids=lambda text: " ".join(text.split())[:24],
)
def test_invariant_i8_a_secret_is_an_error_and_is_never_echoed(kind: str, template: str) -> None:  # INVARIANT I8
    secret = ISSUED[kind]
    found = reading(context__broken=template.format(secret=secret))
    assert is_refused_in_silence(found, CORE.get(kind, secret))


@pytest.mark.parametrize(
    "key",
    ["password", "Password", "passwd", "secret", "token", "api_key", "apiKey", "api-key", "access_token",
     "client_secret", "private_key", "aws_secret_access_key", "db_password", "connection_string"],
)  # fmt: skip
@pytest.mark.parametrize(
    "value", ["hunter2-hunter2", "'hunter2-hunter2'", "[hunter2-hunter2]", "|\n      hunter2-hunter2"]
)
def test_invariant_i8_what_stands_under_the_key_of_a_secret_is_one(key: str, value: str) -> None:  # INVARIANT I8
    warehouse = base("loadline.yaml", ("  kind: duckdb\n", f"  kind: duckdb\n  {key}: {value}\n"))
    assert is_refused_in_silence(reading(loadline=warehouse), "hunter2")


@settings(max_examples=60)
@given(
    secret=st.from_regex(r"[A-Za-z0-9!#%^*()_+=.,;/-]{8,24}", fullmatch=True),
    around=st.sampled_from(
        (
            "password: '{}'", "password: \"{}\" # comment", "password:\n      '{}'", "password: '{}'\n    bad: [",
            "password: '{}'\n    password: '{}'", "password: ['{}', {{a: '{}'}}]", "{{password: '{}'",
            "password: '{}\n", "x: {{token: '{}', token: '{}'}}", "password: >-\n      {}\n\n      {}",
        )
    ),
)  # fmt: skip
def test_invariant_i8_not_even_broken_syntax_shows_a_secret(secret: str, around: str) -> None:  # INVARIANT I8
    marked = f"q7{secret}Zk"
    text = f"metrics:\n  broken:\n    {around.format(*[marked] * around.count('{}'))}\n"
    assert marked not in everything(reading(context__broken=text))


def test_a_key_block_is_hidden_line_by_line() -> None:
    body = [f"MIIEvQIBADANBgkqhkiG9w0BAQEF{number:04}" for number in range(5)]
    block = "\n".join(
        f"      {line}" for line in ("-----BEGIN RSA PRIVATE KEY-----", *body, "-----END RSA PRIVATE KEY-----")
    )
    found = reading(
        context__broken=f"metrics:\n  broken:\n    is: count(orders)\n    description: |\n{block}\n   bad\n"
    )
    assert not any(line in everything(found) for line in body)


def test_a_reference_to_the_environment_is_no_secret() -> None:
    text = base(
        "contracts/orders.yaml", ("status: active\n", "status: active\nservers: [{type: x, password: env:PW}]\n")
    )
    assert reading(contracts__orders=text).diagnostics == ()


@pytest.mark.parametrize(
    "text",
    [
        "metrics: {token_count: {is: count(orders), description: How many tokens were sold.}}",
        "datasets: {more: {source: sales.orders, fields: {password: lower(status)}}}",
        "metrics: {more: {is: count(orders), description: 'See https://wiki.example.com/orders:2 for how.'}}",
        "metrics: {more: {is: count(orders), description: Ask for the password at the desk.}}",
    ],
)
def test_words_about_secrets_are_no_secrets(text: str) -> None:
    assert codes.SECRET not in {one.code for one in reading(context__more=text).diagnostics}
