"""The ERP tables that the warehouse reads, as the demo ERP names them.

Every table carries ``updated_at`` (UTC) and ``rowversion`` (a counter of the whole database that grows with each
change); rows that vanish are found by comparing keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ingestion.contract import TableContract, by_name, columns
from ingestion.errors import SettingsMisfitError
from ingestion.naming import nearest
from ingestion.sources.erp.config import ErpConfig, ErpTable

_STAMPS = " updated_at:timestamp rowversion:integer!"


def _table(name: str, key: str, fields: str, amounts: str = "") -> TableContract:
    return TableContract(
        name=name,
        key=tuple(key.split()),
        columns=columns(fields + _STAMPS),
        cursor="rowversion",
        hard_deletes="key_comparison",
        amounts=tuple(amounts.split()),
    )


TABLES = by_name(
    [
        _table(
            "customer",
            "customer_no",
            "customer_no! name! vat_no email country currency payment_terms_days:integer credit_limit:decimal"
            " bill_to_no ship_to_country is_intercompany:boolean is_test:boolean blocked:boolean"
            " created_at:timestamp territory?",
        ),
        _table(
            "product",
            "sku",
            "sku! name! category product_line launch_date:date end_date:date successor_sku is_bundle:boolean",
        ),
        _table("bundle_component", "bundle_sku component_sku", "bundle_sku! component_sku! quantity:decimal"),
        _table("product_cost", "sku valid_from", "sku! valid_from:date! unit_cost:decimal currency"),
        _table("price_list", "sku valid_from currency", "sku! valid_from:date! currency! list_price:decimal"),
        _table("salesperson", "salesperson_no", "salesperson_no! name crm_user_id"),
        _table(
            "sales_order",
            "order_no",
            "order_no! customer_no! quote_no ordered_at:timestamp order_date:date promised_date:date currency"
            " status salesperson_no cancelled_at:timestamp",
        ),
        _table(
            "sales_order_line",
            "order_no line_no",
            "order_no! line_no:integer! sku! quantity:decimal unit_price:decimal discount_ratio:double"
            " net_amount:decimal",
            "net_amount",
        ),
        _table(
            "invoice",
            "invoice_no",
            "invoice_no! customer_no! invoice_date:date! issued_at:timestamp posted_at:timestamp due_date:date"
            " payment_terms_days:integer currency! channel prices_include_tax:boolean net_amount:decimal"
            " vat_amount:decimal is_cancelled:boolean cancelled_at:timestamp salesperson_no",
            "net_amount",
        ),
        _table(
            "invoice_line",
            "invoice_no line_no",
            "invoice_no! line_no:integer! order_no order_line_no:integer sku! quantity:decimal unit_price:decimal"
            " line_amount:decimal! tax_rate:double",
            "line_amount",
        ),
        _table(
            "credit_note",
            "credit_no",
            "credit_no! original_invoice_no customer_no! credit_date:date! issued_at:timestamp posted_at:timestamp"
            " currency! reason_code net_amount:decimal is_cancelled:boolean cancelled_at:timestamp salesperson_no",
            "net_amount",
        ),
        _table(
            "credit_note_line",
            "credit_no line_no",
            "credit_no! line_no:integer! original_invoice_line_no:integer sku! quantity:decimal"
            " line_amount:decimal! tax_rate:double",
            "line_amount",
        ),
    ]
)


def configured_tables(config: ErpConfig) -> Mapping[str, TableContract]:
    """Return the contracts of the tables that a load fills.

    Without tables in the settings those of the contract. With them, those named there; as soon as one of the contract
    is among them, the rest of the contract too, for a mapping reads them all. SettingsMisfitError for a table
    that lands as it is without a key, and for a column that a table of the contract does not have.
    """
    if not config.tables:
        return TABLES
    named = {name: _configured(name, table) for name, table in config.tables.items()}
    rest = TABLES if named.keys() & TABLES.keys() else {}
    return {**rest, **named}


def _configured(name: str, table: ErpTable) -> TableContract:
    cursor = table.cursor or None
    if name in TABLES:
        own = TABLES[name]
        _refuse_unknown(own, table)
        return replace(own, key=table.key or own.key, cursor=cursor, amounts=table.amounts or own.amounts)
    if not table.key:
        near = nearest(name, TABLES)
        meant = f"; do you mean {near}, a table of the contract?" if near else ""
        raise SettingsMisfitError(
            f"ERP settings (SALESWH_ERP_TABLES): table {name} lands as it is and names no key, the columns that"
            f" identify a row{meant or '; name them.'}"
        )
    named = dict.fromkeys([*table.key, *([cursor] if cursor else []), *table.amounts])
    return TableContract(
        name, table.key, columns(" ".join(named)), cursor=cursor, hard_deletes="key_comparison", amounts=table.amounts
    )


def _refuse_unknown(own: TableContract, table: ErpTable) -> None:
    known = [column.name for column in own.columns]
    named = {"key": table.key, "cursor": tuple(filter(None, [table.cursor])), "amounts": table.amounts}
    for part, name in ((part, name) for part, names in named.items() for name in names if name not in known):
        near = nearest(name, known)
        advice = f"do you mean {near}?" if near else f"its columns are {', '.join(known)}."
        raise SettingsMisfitError(
            f"ERP settings (SALESWH_ERP_TABLES), table {own.name}: its {part} names {name}, which is no column of this"
            f" table; {advice}"
        )
