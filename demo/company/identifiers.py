"""Identifiers as the systems write them."""

from __future__ import annotations

from typing import Any

import numpy as np

PREFIXES = {
    "Account": "001",
    "Contact": "003",
    "Lead": "00Q",
    "Opportunity": "006",
    "OpportunityLineItem": "00k",
    "OpportunityHistory": "008",
    "OpportunityFieldHistory": "017",
    "OpportunityStage": "01J",
    "Product2": "01t",
    "Task": "00T",
    "Event": "00U",
    "Campaign": "701",
    "CampaignMember": "00v",
    "Campaign_Cost__c": "a01",
    "Quote": "0Q0",
    "QuoteLineItem": "0QL",
    "Contract": "800",
    "Order": "801",
    "OrderItem": "802",
    "Case": "500",
    "User": "005",
    "UserRole": "00E",
    "Territory2": "0MI",
    "UserTerritory2Association": "0RI",
    "ObjectTerritory2Association": "0RJ",
    "Territory_Successor__c": "a02",
    "ForecastingQuota": "0J9",
    "DatedConversionRate": "04w",
}
_POD = "Nw0"
_SUFFIX_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def salesforce_ids(object_name: str, numbers: Any) -> Any:
    """18-character ids (object array) of numbered records; greater numbers sort later."""
    prefix = PREFIXES[object_name] + _POD
    suffix = _check_suffix(prefix + "0" * 9)
    return np.array([f"{prefix}{number:09d}{suffix}" for number in np.asarray(numbers).tolist()], dtype=object)


def salesforce_id(object_name: str, number: int) -> str:
    """One id."""
    return str(salesforce_ids(object_name, [number])[0])


def _check_suffix(id15: str) -> str:
    """Salesforce's three letters that tell where the 15 characters are upper case."""
    groups = (id15[i : i + 5] for i in (0, 5, 10))
    return "".join(_SUFFIX_ALPHABET[sum(1 << i for i, c in enumerate(group) if c.isupper())] for group in groups)
