"""Settings turned into a source's own: what is missing or does not fit is named by its variable."""

from __future__ import annotations

from typing import Any

import pytest

from orchestration.settings import Settings
from orchestration.sources import SourceSettingsError, source_config

ORG = {"salesforce_base_url": "https://acme.example", "salesforce_client_id": "app"}


def test_salesforce_by_secret_or_by_key() -> None:
    by_secret = source_config("salesforce", Settings(**ORG, salesforce_client_secret="s"))  # type: ignore[arg-type]
    assert (by_secret.client_secret.get_secret_value(), by_secret.private_key.get_secret_value()) == ("s", "")
    settings: Any = ORG | {"salesforce_private_key": "canary-pem", "salesforce_username": "u@x"}
    by_key = source_config("salesforce", Settings(**settings, salesforce_api_limit_share=0.5))
    assert (by_key.private_key.get_secret_value(), by_key.username) == ("canary-pem", "u@x")
    assert by_key.api_limit_share == 0.5


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({}, "SALESWH_SALESFORCE_CLIENT_SECRET is not set"),
        ({"salesforce_private_key": "canary"}, "SALESWH_SALESFORCE_USERNAME is not set"),
        (
            {"salesforce_private_key": "canary", "salesforce_username": "u", "salesforce_client_secret": "canary"},
            r"SALESWH_SALESFORCE_\* do not fit together: .* both came",
        ),
    ],
)
def test_salesforce_settings_that_do_not_fit_are_named(settings: dict[str, str], sentence: str) -> None:
    with pytest.raises(SourceSettingsError, match=sentence) as caught:
        source_config("salesforce", Settings(**ORG, **settings))  # type: ignore[arg-type]
    assert "canary" not in str(caught.value)
