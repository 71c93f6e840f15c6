"""What can go wrong between us and an issuer of tokens."""

from __future__ import annotations

from loadline.errors import OutsideError
from loadline.values.diagnostic import Code, Diagnostic

UNREACHABLE = "OID001"
NO_READER = "OID002"
NO_SECRET = "OID003"  # noqa: S105 - a code, and no secret
CODES = {
    UNREACHABLE: Code(
        code=UNREACHABLE,
        title="the issuer of tokens cannot be asked for its keys",
        why="A token is let in when a key of its issuer signed it; keys that cannot be read let nobody in.",
        wrong="doors: {oidc: {issuer: https://login.example.com/relams/shop, …}}",
        right="doors: {oidc: {issuer: https://login.example.com/realms/shop, …}}   # as its tokens' `iss` has it",
    ),
    NO_READER: Code(
        code=NO_READER,
        title="what reads tokens is not installed",
        why="Tokens are read by PyJWT, which comes with the extra `oidc`.",
        wrong="pip uninstall pyjwt",
        right="pip install 'loadline-ai[oidc]'",
    ),
    NO_SECRET: Code(
        code=NO_SECRET,
        title="the console's secret at the issuer is not set",
        why="`client_secret` names a variable of the environment, which is read when somebody signs in.",
        wrong="loadline serve",
        right="LOADLINE_OIDC_SECRET=… loadline serve",
    ),
}


def cannot_ask(what: str, mend: str = "see that `issuer` is right and can be reached from here") -> OutsideError:
    return OutsideError(
        Diagnostic(code=UNREACHABLE, what=what, why=CODES[UNREACHABLE].why, mend=mend),
        retryable=True,
    )
