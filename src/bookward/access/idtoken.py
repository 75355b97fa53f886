"""Whether an ID token is true: signed by the provider, for this client, for this very question, in time.

Source: OpenID Connect Core 1.0, section 3.1.3.7.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet

from bookward.errors import SignInRefused

ALGORITHMS = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
)
"""Only those with a key of which one half is secret: with any other, whoever can check could sign as well."""

LEEWAY = 60
"""Seconds by which two clocks may differ."""


class KeyUnknown(Exception):
    """None of the keys has signed it: the provider may have changed them since."""


def true_claims(
    token: str, keys: KeySet, *, issuer: str, client_id: str, nonce: str, now: datetime
) -> Mapping[str, Any]:
    """Return what an ID token says, once all of it is checked.

    Args:
        token: as the provider gave it.
        keys: of the provider.
        issuer: the provider.
        client_id: whom it has to be for.
        nonce: which question it has to answer.
        now: the time.

    Raises:
        KeyUnknown: none of the keys has signed it.
        SignInRefused: it is not true.
    """
    claims = _signed(token, keys)
    registry = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": client_id},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
        sub={"essential": True},
    )
    try:
        registry.validate(dict(claims))
    except JoseError as error:
        raise _untrue(str(error)) from None
    # One for several is only for the one that it names besides.
    if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != client_id:
        raise _untrue("it is for others as well")
    if not claims["sub"]:
        raise _untrue("it names nobody")
    return claims


def _signed(token: str, keys: KeySet) -> Mapping[str, Any]:
    try:
        header = jws.extract_compact(token.encode()).headers()
    except (JoseError, ValueError) as error:
        raise _untrue(type(error).__name__) from None
    if header.get("alg") not in ALGORITHMS:
        raise _untrue(f"it is signed with {str(header.get('alg'))[:20]!r}")
    for key in _fitting(keys, header.get("kid")):
        try:
            return jwt.decode(token, key, algorithms=list(ALGORITHMS)).claims
        except (JoseError, ValueError):
            continue
    raise KeyUnknown


def _fitting(keys: KeySet, kid: Any) -> Iterator[Key]:
    return (key for key in keys.keys if kid is None or key.kid == kid)


def _untrue(why: str) -> SignInRefused:
    return SignInRefused(
        f"What the provider sent is no true answer to this sign-in ({why}).",
        remedy="Sign in again. If it stays so, look whether the clock of the server is right, and whether "
        "client id and issuer are those of the provider.",
    )
