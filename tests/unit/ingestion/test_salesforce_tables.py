"""The stamps that the contract expects of each object are those that Salesforce's Object Reference gives it."""

from __future__ import annotations

import pytest

from ingestion.sources.salesforce.tables import TABLES

STAMPS = ["CreatedDate", "LastModifiedDate", "SystemModstamp"]
OTHERS = {
    "OpportunityHistory": ["CreatedDate", "SystemModstamp"],
    "OpportunityFieldHistory": ["CreatedDate"],
    "UserRole": ["LastModifiedDate", "SystemModstamp"],
    "Territory2": ["LastModifiedDate", "SystemModstamp"],
    "UserTerritory2Association": ["LastModifiedDate", "SystemModstamp"],
    "ObjectTerritory2Association": ["LastModifiedDate", "SystemModstamp"],
}


@pytest.mark.parametrize("name", TABLES)
def test_an_object_declares_the_stamps_that_it_has(name: str) -> None:
    declared = [column.name for column in TABLES[name].columns if column.name in STAMPS]
    assert declared == OTHERS.get(name, STAMPS)
    assert TABLES[name].cursor == declared[-1]


def test_only_users_stay_for_ever() -> None:
    assert {name for name, contract in TABLES.items() if contract.hard_deletes == "never"} == {"User"}
