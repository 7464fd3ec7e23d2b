"""Settings of the Salesforce source."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class SalesforceConfig(BaseModel):
    """Which org, as which connected app (client-credentials flow), and how far back each load looks."""

    model_config = ConfigDict(frozen=True)

    base_url: str = Field(description="Address of the org, as https://<my-domain>.my.salesforce.com.")
    client_id: str = Field(description="Consumer key of the connected app.")
    client_secret: SecretStr = Field(description="Consumer secret of the connected app.")
    api_version: str = Field("62.0", description="Version of the REST API.")
    lookback_minutes: int = Field(4320, ge=0, description="How far before the highest SystemModstamp a load starts.")
    page_rows: int = Field(2000, ge=200, le=2000, description="Records asked for per page.")
    max_wait_seconds: float = Field(60.0, gt=0, description="Longest single wait before a request is repeated.")
