"""Settings of the Salesforce source."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator


class SalesforceConfig(BaseModel):
    """Which org, as which connected app (client-credentials or JWT bearer flow), and how a load reads it."""

    model_config = ConfigDict(frozen=True)

    base_url: str = Field(description="Address of the org, as https://<my-domain>.my.salesforce.com.")
    client_id: str = Field(description="Consumer key of the connected app.")
    client_secret: SecretStr = Field(
        SecretStr(""), description="Consumer secret of the connected app (client-credentials flow)."
    )
    private_key: SecretStr = Field(
        SecretStr(""),
        description="Private key (PEM) that belongs to the connected app's certificate (JWT bearer flow).",
    )
    username: str = Field("", description="User as whom the JWT bearer flow logs in.")
    login_url: str = Field(
        "https://login.salesforce.com",
        description="Audience of the JWT bearer flow; https://test.salesforce.com for a sandbox.",
    )
    api_version: str = Field("62.0", description="Version of the REST API.")
    lookback_minutes: int = Field(4320, ge=0, description="How far before the highest SystemModstamp a load starts.")
    page_rows: int = Field(2000, ge=200, le=2000, description="Records asked for per page of a REST query.")
    bulk_from_rows: int = Field(
        2000, ge=0, description="A query that finds more rows than this is run as a Bulk API 2.0 job."
    )
    bulk_page_rows: int = Field(50_000, ge=1, description="Records asked for per page of a Bulk API 2.0 result.")
    bulk_wait_seconds: float = Field(3600.0, gt=0, description="Longest wait for one Bulk API 2.0 job.")
    api_limit_share: float = Field(
        0.9, gt=0, le=1, description="Share of the org's daily API requests beyond which a load stops."
    )
    max_wait_seconds: float = Field(60.0, gt=0, description="Longest single wait before a request is repeated.")

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        has_secret, has_key = (bool(s.get_secret_value()) for s in (self.client_secret, self.private_key))
        if has_secret == has_key:
            raise ValueError(
                "give either client_secret (client-credentials flow) or private_key and username (JWT bearer flow);"
                f" {'both' if has_key else 'neither'} came"
            )
        if has_key and not self.username:
            raise ValueError("username is missing: with private_key the JWT bearer flow needs the user to log in as")
        return self
