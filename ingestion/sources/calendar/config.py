"""Settings of the calendar source."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class CalendarConfig(BaseModel):
    """Which country's public holidays, and for which years."""

    model_config = ConfigDict(frozen=True)

    country: str = Field(
        pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$",
        description="ISO 3166 code of the country whose holidays count, or of a part of it: RO, DE-BY.",
    )
    first_year: int = Field(1950, ge=1900, description="First calendar year.")
    last_year: int = Field(2100, le=2100, description="Last calendar year, included.")
