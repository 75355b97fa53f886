"""How Bookward signs in to Snowflake: what its driver is given for each way in."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from pydantic import SecretStr

from bookward.errors import SourceFailed
from bookward.sources.snowflake.spec import SnowflakeSpec


def options(name: str, spec: SnowflakeSpec) -> dict[str, Any]:
    """Return what the driver connects with.

    Raises:
        SourceFailed: the private key cannot be read.
    """
    given = {
        "account": spec.account,
        "user": spec.user,
        "warehouse": spec.warehouse,
        "role": spec.role,
        "database": spec.database,
        "schema": spec.default_schema,
        "login_timeout": spec.connect_timeout,
        "application": "bookward",
        "client_prefetch_threads": 1,
        "arrow_number_to_decimal": True,  # or amounts would be floats
        "session_parameters": _session(spec),
        **_address(spec),
        **_sign_in(name, spec),
    }
    return {key: value for key, value in given.items() if value is not None}


def _session(spec: SnowflakeSpec) -> dict[str, Any]:
    return {
        "TIMEZONE": "UTC",
        "QUERY_TAG": spec.query_tag,
        "STATEMENT_TIMEOUT_IN_SECONDS": spec.statement_timeout,
        "CLIENT_RESULT_CHUNK_SIZE": 16,  # megabytes, the least there is: rows are read in constant memory
    }


def _address(spec: SnowflakeSpec) -> dict[str, Any]:
    if spec.url is None:
        return {}
    url = urlsplit(spec.url)
    return {"protocol": url.scheme, "host": url.hostname, "port": url.port or 443}


def _sign_in(name: str, spec: SnowflakeSpec) -> dict[str, Any]:
    if spec.private_key is not None:
        key = _der(name, spec.private_key, spec.private_key_passphrase)
        return {"authenticator": "SNOWFLAKE_JWT", "private_key": key}
    if spec.token is not None:
        return {"authenticator": "PROGRAMMATIC_ACCESS_TOKEN", "token": spec.token.get_secret_value()}
    if spec.oauth_client_secret is not None:
        return {
            "authenticator": "OAUTH_CLIENT_CREDENTIALS",
            "oauth_client_id": spec.oauth_client_id,
            "oauth_client_secret": spec.oauth_client_secret.get_secret_value(),
            "oauth_token_request_url": spec.oauth_token_url,
            "oauth_scope": spec.oauth_scope,
        }
    return {"password": spec.password and spec.password.get_secret_value()}


def _der(name: str, key: SecretStr, passphrase: SecretStr | None) -> bytes:
    # A key that came through a variable of one line has \n where lines end.
    pem = key.get_secret_value().replace("\\n", "\n").encode()
    secret = passphrase.get_secret_value().encode() if passphrase else None
    try:
        loaded = serialization.load_pem_private_key(pem, secret)
    except (ValueError, TypeError) as error:
        raise SourceFailed(
            f"The private key of source {name!r} cannot be read: it is no PEM, or its passphrase is another.",
            remedy="Correct what `private_key` and `private_key_passphrase` name in the source's file.",
        ) from error
    return loaded.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
