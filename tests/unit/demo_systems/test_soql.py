"""SOQL: what the demo CRM understands, and how it refuses the rest."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from demo.systems.soql import Condition, MalformedQueryError, Order, parse


def test_a_full_query_is_read_clause_by_clause() -> None:
    query = parse(
        "SELECT Id, Name FROM Account WHERE SystemModstamp >= 2025-03-14T08:00:00.500+02:00 AND Name != 'O\\'Neil' "
        "AND Amount > -1.5 AND IsDeleted = false ORDER BY SystemModstamp, Id DESC NULLS LAST LIMIT 7"
    )
    assert query.object_name == "Account"
    assert query.fields == ("Id", "Name")
    assert query.conditions == (
        Condition("SystemModstamp", ">=", datetime(2025, 3, 14, 6, 0, 0, 500_000)),
        Condition("Name", "!=", "O'Neil"),
        Condition("Amount", ">", -1.5),
        Condition("IsDeleted", "=", False),
    )
    assert query.order == (Order("SystemModstamp", False), Order("Id", True))
    assert query.limit == 7


def test_dates_nulls_and_zulu_stamps_are_told_apart() -> None:
    query = parse("select id from x where a = 2024-02-29 and b = null and c < 2024-02-29T23:59:59Z")
    values = [condition.value for condition in query.conditions]
    assert values == [date(2024, 2, 29), None, datetime(2024, 2, 29, 23, 59, 59)]


def test_count_has_no_fields() -> None:
    assert parse("SELECT COUNT() FROM Lead").fields == ()


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "SELECT"),
        ("SELECT Id", "FROM"),
        ("SELECT Id FROM Account WHERE", "end of the query"),
        ("SELECT Id FROM Account WHERE Name LIKE 'x'", "LIKE"),
        ("SELECT Id FROM Account LIMIT many", "many"),
        ("SELECT Id FROM Account; DROP", ";"),
        ("SELECT Id FROM Account extra", "extra"),
    ],
)
def test_what_is_outside_the_subset_is_named(text: str, where: str) -> None:
    with pytest.raises(MalformedQueryError, match=where):
        parse(text)
