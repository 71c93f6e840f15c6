"""Tokens of an issuer that a project trusts in; who sent them out (OpenID Connect, OAuth 2.1 as a resource server)."""

from loadline.adapters.identity.codes import CODES
from loadline.adapters.identity.issuer import Issuer
from loadline.adapters.identity.sign_in import SignIns
from loadline.adapters.identity.tokens import Tokens

__all__ = ["CODES", "Issuer", "SignIns", "Tokens"]
