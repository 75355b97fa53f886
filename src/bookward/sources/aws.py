"""How a source signs in at Amazon Web Services."""

from __future__ import annotations

from types import ModuleType
from typing import Any, Self

from pydantic import SecretStr, model_validator

from bookward.spec.base import Spec


class AwsSignIn(Spec):
    """Keys, a role, or what the machine has."""

    region: str | None = None
    """Region, such as `ap-southeast-2`."""
    access_key_id: str | None = None
    """The key; without it, what the machine has is used: environment, profile, or role."""
    secret_access_key: SecretStr | None = None
    """Its secret, as `${NAME}`."""
    session_token: SecretStr | None = None
    """Token of a temporary key, as `${NAME}`."""
    role_arn: str | None = None
    """A role to take on, `arn:aws:iam::123456789012:role/bookward`."""
    external_id: str | None = None
    """What the role asks for to be taken on."""

    @model_validator(mode="after")
    def _whole_key(self) -> Self:
        if (self.access_key_id is None) != (self.secret_access_key is None):
            raise ValueError("`access_key_id` and `secret_access_key` go together")
        if self.session_token is not None and self.access_key_id is None:
            raise ValueError("`session_token` goes with the `access_key_id` that it is of")
        return self


def session(spec: AwsSignIn, boto3: ModuleType, config: Any = None) -> Any:
    """Return boto3's session for a sign-in; a role is taken on now.

    Args:
        config: botocore's ``Config`` for asking for the role.

    Raises:
        BotoCoreError, ClientError: the role cannot be had.
    """
    secret, token = spec.secret_access_key, spec.session_token
    own = boto3.Session(
        aws_access_key_id=spec.access_key_id,
        aws_secret_access_key=secret and secret.get_secret_value(),
        aws_session_token=token and token.get_secret_value(),
        region_name=spec.region,
    )
    if spec.role_arn is None:
        return own
    asked = {"RoleArn": spec.role_arn, "RoleSessionName": "bookward"}
    asked |= {"ExternalId": spec.external_id} if spec.external_id else {}
    lent = own.client("sts", config=config).assume_role(**asked)["Credentials"]
    return boto3.Session(
        aws_access_key_id=lent["AccessKeyId"],
        aws_secret_access_key=lent["SecretAccessKey"],
        aws_session_token=lent["SessionToken"],
        region_name=spec.region,
    )


def keys(of: Any) -> Any:
    """Return what a session of boto3's signs with, which is renewed by itself where the machine has it.

    Raises:
        NoCredentialsError: there are none.
    """
    from botocore.exceptions import NoCredentialsError

    found = of.get_credentials()
    if found is None:
        raise NoCredentialsError
    return found
