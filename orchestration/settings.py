"""Settings of one environment, the only reader of the process environment and of `.env`.

What belongs here: every knob, described, with the demo company's values as defaults. What does not: paths derived
from them (`environment.py`) and anything that acts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

PROJECT_ROOT = Path(__file__).resolve().parent.parent
MAPPINGS = PROJECT_ROOT / "dbt_project" / "models" / "staging"
PREFIX = "SALESWH_"
OTHER_PREFIXES = ("SALESWH_TEST_", "SALESWH_DBT_")
"""Variables of the tests and of dbt's profile, which are no settings."""

Names = Annotated[tuple[str, ...], NoDecode]


class SettingsError(ValueError):
    """A variable names no setting; the message says which, and what may be meant."""


def _shaped(pattern: str, expected: str) -> AfterValidator:
    """Refuse a text that does not match the whole pattern, saying what is expected instead of the pattern."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(f"expected {expected}")
        return value

    return AfterValidator(check)


class CutOver(BaseModel):
    """When one system took over from another: documents before `date` come from the older one."""

    model_config = ConfigDict(frozen=True)

    date: date
    successor: str


class Settings(BaseSettings):
    """All settings; each is read from `SALESWH_<NAME>` or from `.env`. Lists are written with commas."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=PROJECT_ROOT / ".env", frozen=True, extra="ignore")

    environment: Annotated[
        str, _shaped(r"[a-z][a-z0-9_]*", "a name of small letters, digits and underscores, such as prod")
    ] = Field("demo", description="Name of the environment; its files lie in <var_dir>/<name>.")
    var_dir: Path = Field(Path("var"), description="Folder that holds everything produced, one folder per environment.")
    clock: str = Field(
        "auto",
        description="The run's 'now' in UTC: an ISO time, 'system' for the machine's clock, or 'auto': the demo"
        " company's own time in the demo environment, else the system's.",
    )

    sources: Names = Field(
        ("salesforce", "erp", "budget", "fx", "calendar"),
        description="Sources to extract: salesforce, hubspot, erp, budget, fx, files, calendar.",
    )
    mappings: Names = Field(
        ("salesforce", "erp", "budget", "fx", "calendar"),
        description="Folders of dbt_project/models/staging that bring the sources into the staging contract.",
    )
    salesforce_base_url: str = Field(
        "", description="Address of the Salesforce org, e.g. https://acme.my.salesforce.com."
    )
    salesforce_client_id: str = Field("", description="Consumer key of the connected app.")
    salesforce_client_secret: SecretStr = Field(
        SecretStr(""), description="Consumer secret of the connected app (client-credentials flow)."
    )
    salesforce_private_key: SecretStr = Field(
        SecretStr(""),
        description="Instead of the secret: private key (PEM, line breaks as \\n) of the app's certificate (JWT bearer"
        " flow).",
    )
    salesforce_username: str = Field("", description="User as whom the JWT bearer flow logs in.")
    salesforce_login_url: str = Field(
        "https://login.salesforce.com",
        description="Audience of the JWT bearer flow; https://test.salesforce.com for a sandbox.",
    )
    salesforce_api_limit_share: float = Field(
        0.9, gt=0, le=1, description="Share of the org's daily API requests beyond which a load stops."
    )
    hubspot_base_url: str = Field("https://api.hubapi.com", description="Address of HubSpot's API.")
    hubspot_token: SecretStr = Field(
        SecretStr(""),
        description="Access token of the HubSpot private app; empty: dlt's secret sources.hubspot.token.",
    )
    erp_url: SecretStr = Field(SecretStr(""), description="SQLAlchemy address of the ERP database.")
    erp_tables: Path | None = Field(
        None, description="YAML file that says which tables of the ERP are read; the contract's own names when empty."
    )
    drop_folder: Path | None = Field(
        None, description="Folder with `budget/` (workbooks, templates.yml, aliases.csv) and `fx/`."
    )
    files_config: Path | None = Field(None, description="YAML file that lists the plain files of the `files` source.")

    cut_over: Annotated[dict[str, CutOver], NoDecode] = Field(
        {},
        description="Mappings of older systems, each with the first day from which its successor's documents count, not"
        ' its own, as JSON: {"backfill": {"date": "2024-01-01", "successor": "erp"}}.',
    )

    timezone: str = Field("Europe/Bucharest", description="Time zone of business dates.")
    country: Annotated[
        str, _shaped(r"[A-Z]{2}(-[A-Z0-9]{1,3})?", "the code of a country or of a part of it, such as FR or DE-BY")
    ] = Field(
        "RO",
        description="Country whose public holidays are not business days (ISO 3166), or a part of it: RO, DE-BY.",
    )
    reporting_currency: Annotated[str, _shaped(r"[A-Z]{3}", "the code of a currency (ISO 4217), such as EUR")] = Field(
        "EUR", description="Currency of all amounts without a suffix."
    )
    fiscal_year_start_month: int = Field(2, ge=1, le=12, description="First month of the fiscal year.")
    fiscal_calendar: Literal["months", "weeks_445"] = Field(
        "months", description="Fiscal periods: calendar months, or 4-4-5 weeks with 53-week years."
    )
    calendar_start: date | None = Field(
        None,
        description="A day of the first fiscal year of dim_date; when empty, that of the first sale, deal, lead, quota"
        " or budget.",
    )
    calendar_end: date | None = Field(
        None,
        description="A day of the last fiscal year of dim_date; when empty, it reaches beyond the forecast horizon and"
        " everything planned.",
    )
    fx_max_age_days: int = Field(
        5, ge=0, description="Oldest daily exchange rate, in days, that may stand in for a missing one."
    )
    deal_amount_limit: int = Field(
        100_000_000, gt=0, description="A deal's amount beyond this, in the reporting currency, is not summed: NULL."
    )
    customer_active_days: int = Field(
        365, ge=1, description="A customer is active when it ordered or was contacted within so many days."
    )

    opportunity_active_days: int = Field(90, ge=1, description="An open deal without activity for longer is inactive.")
    close_date_history_start: Annotated[dict[str, date], NoDecode] = Field(
        {"tender": date(2022, 9, 1)},
        description="Pipelines whose changes of close date were recorded only from a date on, as JSON; pushes of older"
        " deals there are unknown, not zero.",
    )

    forecast_horizon: int = Field(12, ge=1, le=36, description="Fiscal months that a forecast reaches ahead.")
    forecast_backtest_windows: int = Field(6, ge=2, description="Rolling origins of the backtest of each vintage.")

    releases_kept: int = Field(5, ge=2, description="How many releases stay; the oldest beyond are removed.")
    lock_wait_seconds: float = Field(
        0, ge=0, description="How long a run waits for another to end before it says who holds the lock."
    )
    notify_hook: str = Field(
        "orchestration.notify:write_notification",
        description="`module:function` called with (settings, subject, message) when a scheduled run fails.",
    )
    code_version: str = Field("", description="Version stamped on vintages and releases; the git commit when empty.")

    demo_profile: Literal["S", "M"] = Field("M", description="Size of the demo company: S for tests, M for the demo.")
    demo_erp_url: SecretStr = Field(
        SecretStr(""),
        description="Address of an empty PostgreSQL or MariaDB database for the demo ERP; a SQLite file when not set.",
    )
    demo_seed: int = Field(7, ge=0, description="Seed of the demo company; the same seed gives the same bytes.")

    @field_validator("sources", "mappings", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(name.strip() for name in value.split(",") if name.strip())
        return value

    @field_validator("close_date_history_start", "cut_over", mode="before")
    @classmethod
    def _from_json(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise ValueError("expected JSON, as .env.example shows it") from None

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (OSError, ValueError, KeyError):
            raise ValueError("expected a time zone of the IANA list, such as Europe/Berlin") from None
        return value

    @field_validator("mappings")
    @classmethod
    def _known_mappings(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        known = sorted(folder.name for folder in MAPPINGS.iterdir() if folder.is_dir())
        if unknown := [name for name in value if name not in known]:
            raise ValueError(
                f"expected folders of {MAPPINGS.relative_to(PROJECT_ROOT)}, but there is no"
                f" {', '.join(unknown)}; there are {', '.join(known)}"
            )
        return value

    @model_validator(mode="after")
    def _known_cut_overs(self) -> Self:
        for older, rule in self.cut_over.items():
            unknown = sorted({older, rule.successor} - set(self.mappings))
            if unknown or older == rule.successor:
                raise ValueError(
                    f"SALESWH_CUT_OVER: {older} hands over to {rule.successor}; both must be different names of"
                    f" SALESWH_MAPPINGS, which has {', '.join(self.mappings)}."
                )
        return self

    @field_validator("clock")
    @classmethod
    def _known_clock(cls, value: str) -> str:
        if value not in ("auto", "system"):
            parse_clock(value)
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The usual sources. Raises `SettingsError` when one of them names a setting that there is not."""
        for source in (env_settings, dotenv_settings):
            if isinstance(source, EnvSettingsSource):
                refuse_unknown(source.env_vars)
        return init_settings, env_settings, dotenv_settings, file_secret_settings


def refuse_unknown(names: Iterable[str]) -> None:
    """Raise `SettingsError` when a name has the settings' prefix and names none: a typo would go unseen."""
    known = [name.upper() for name in Settings.model_fields]
    given = (name.upper() for name in names)
    for name in sorted(name for name in given if name.startswith(PREFIX) and not name.startswith(OTHER_PREFIXES)):
        if name.removeprefix(PREFIX) not in known:
            meant = get_close_matches(name.removeprefix(PREFIX), known, n=1)
            hint = f"do you mean {PREFIX}{meant[0]}?" if meant else ".env.example lists them all."
            raise SettingsError(f"{name} is no setting; {hint}")


def settings_sentence(error: ValidationError) -> str:
    """What is wrong with which setting, a sentence each, without the values of secrets."""
    return " ".join(_sentence(found) for found in error.errors())


def _sentence(found: ErrorDetails) -> str:
    cause = found.get("ctx", {}).get("error")
    message = str(cause) if cause else f"{found['msg'][0].lower()}{found['msg'][1:]}"
    if message.startswith(PREFIX):
        return message
    name = str(found["loc"][0]) if found["loc"] else ""
    field = Settings.model_fields.get(name)
    value = "" if field is None or field.annotation is SecretStr else f" is {found['input']!r}"
    return f"{PREFIX}{name.upper()}{value}: {message}."


def parse_clock(text: str) -> datetime:
    """An ISO time as a naive UTC time; a time without a zone is taken as UTC. Raises ValueError with a sentence."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"SALESWH_CLOCK is {text!r}; expected 'auto', 'system' or an ISO time such as 2025-03-14T06:00:00Z."
        ) from None
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
