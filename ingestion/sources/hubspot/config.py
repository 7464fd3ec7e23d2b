"""Settings of the HubSpot source."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class HubspotConfig(BaseModel):
    """Which portal, as which private app, and how far back each load looks."""

    model_config = ConfigDict(frozen=True)

    base_url: str = Field("https://api.hubapi.com", description="Address of the API.")
    token: SecretStr | None = Field(
        None, description="Access token of the private app; None: dlt's secret sources.hubspot.token."
    )
    lookback_minutes: int = Field(4320, ge=0, description="How far before the highest stamp kept a load starts.")
    max_wait_seconds: float = Field(60.0, gt=0, description="Longest single wait before a request is repeated.")
    daily_reserve: int = Field(
        1000, ge=0, description="Requests of the portal's daily limit that a load leaves to others."
    )
