"""Orders in the CRM: what an accepted quote becomes, up to its delivery.

A draft with the quote's lines follows the acceptance; it is activated when the ERP has the order, and delivered a few
days about the promised date. What the ERP never got is deleted as a draft. What does not belong here: the ERP's own
orders, whose repeat business the CRM does not know.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from demo.company.clock import DAY, END, dates, local_days, stamps
from demo.company.frames import crm_timeline
from demo.company.identifiers import salesforce_ids
from demo.company.model import TableTimeline
from demo.company.orders import Orders, next_business_day

_DROPPED_AFTER = 60 * DAY
_NEVER = -1


def crm_order_tables(
    quotes: TableTimeline,
    quote_lines: TableTimeline,
    contracts: TableTimeline,
    orders: Orders,
    rng: np.random.Generator,
) -> list[TableTimeline]:
    """Order and OrderItem: a version when drafted, activated and delivered, or when the draft is deleted."""
    heads = _heads(quotes, orders, rng)
    heads["ContractId"] = _contract_in_force(heads, contracts)
    life = _life(heads)
    return [_orders(heads, life), _items(heads, life, quote_lines)]


def _heads(quotes: TableTimeline, orders: Orders, rng: np.random.Generator) -> pd.DataFrame:
    """One row per accepted quote, in the order of the drafts; moments in UTC seconds, -1 for what does not happen."""
    accepted = quotes.frame[quotes.frame["Status"] == "Accepted"].reset_index(drop=True)
    deals = orders.head[orders.head["kind"] == "deal"].set_index("quote_no")
    placed: Any = accepted["Family__c"].map(deals["ordered_at"]).fillna(_NEVER).to_numpy(dtype="int64")
    promised: Any = accepted["Family__c"].map(deals["promised"]).fillna(_NEVER).to_numpy(dtype="int64")
    arrived = next_business_day(promised + rng.integers(-1, 4, size=len(accepted))) * DAY
    arrived += rng.integers(8 * 3_600, 15 * 3_600, size=len(accepted))
    drafted = _seconds(accepted["Accepted_At__c"]) + rng.integers(300, 7_200, size=len(accepted))
    is_placed = placed >= 0
    heads = accepted.assign(
        drafted=drafted,
        activated=placed,
        promised=promised,
        delivered=np.where(is_placed, np.maximum(arrived, placed + DAY), _NEVER),
        dropped=np.where(is_placed, _NEVER, drafted + _DROPPED_AFTER),
    )
    heads = heads[heads["drafted"] <= END].sort_values(["drafted", "Id"], ignore_index=True)
    is_first = heads.groupby("AccountId").cumcount() == 0
    return heads.assign(Type=np.where(is_first, "First Order", "Repeat Order"))


def _contract_in_force(heads: pd.DataFrame, contracts: TableTimeline) -> Any:
    """The contract of the order's account that was activated last before the draft and had not ended."""
    active = contracts.frame[contracts.frame["Status"] == "Activated"]
    active = active[["Id", "AccountId", "ActivatedDate", "EndDate"]].rename(columns={"Id": "contract"})
    drafts = heads[["AccountId"]].assign(at=stamps(heads["drafted"]))
    found = pd.merge_asof(
        drafts, active.sort_values("ActivatedDate"), left_on="at", right_on="ActivatedDate", by="AccountId"
    )
    return found["contract"].where(found["EndDate"] >= found["at"]).to_numpy(dtype=object)


def _life(heads: pd.DataFrame) -> pd.DataFrame:
    """Each change of an order up to the horizon: order (position in `heads`), at, step."""
    steps = {"Draft": "drafted", "Activated": "activated", "Delivered": "delivered", "Deleted": "dropped"}
    moments = [
        pd.DataFrame({"order": np.arange(len(heads)), "at": heads[moment].to_numpy(), "step": step})
        for step, moment in steps.items()
    ]
    life = pd.concat(moments, ignore_index=True)
    return life[(life["at"] >= 0) & (life["at"] <= END)].reset_index(drop=True)


def _orders(heads: pd.DataFrame, life: pd.DataFrame) -> TableTimeline:
    of, step = heads.iloc[life["order"]].reset_index(drop=True), life["step"]
    same = ("AccountId", "OpportunityId", "OwnerId", "ContractId", "Type", "CurrencyIsoCode")
    columns: dict[str, Any] = {name: of[name] for name in same}
    return crm_timeline(
        "Order",
        columns
        | {
            "Id": salesforce_ids("Order", life["order"] + 1),
            "OrderNumber": [f"{n:08d}" for n in life["order"] + 100],
            "QuoteId": of["Id"],
            "Status": step.where(step != "Deleted", "Draft"),
            "EffectiveDate": dates(local_days(of["drafted"])),
            "EndDate": _delivery_date(of, step),
            "ActivatedDate": stamps(np.where(step.isin(["Activated", "Delivered"]), of["activated"], _NEVER)),
            "TotalAmount": of["GrandTotal"],
            "IsDeleted": step == "Deleted",
            "CreatedDate": stamps(of["drafted"]),
            "SystemModstamp": stamps(life["at"]),
        },
    )


def _items(heads: pd.DataFrame, life: pd.DataFrame, quote_lines: TableTimeline) -> TableTimeline:
    """The quote's lines at the prices that it came to; the day of service is known once the ERP has the order."""
    lines = heads[["Id", "promised", "drafted", "delivered"]].rename(columns={"Id": "QuoteId"})
    lines = lines.assign(order=np.arange(len(heads)))
    quoted = quote_lines.frame[["Id", "QuoteId", "Product2Id", "Quantity", "TotalPrice"]]
    lines = lines.merge(quoted, on="QuoteId").sort_values(["order", "Id"], ignore_index=True)
    lines["number"] = np.arange(1, len(lines) + 1)
    rows = lines.merge(life, on="order", how="inner").sort_values(["at", "number"], ignore_index=True)
    step = rows["step"]
    return crm_timeline(
        "OrderItem",
        {
            "Id": salesforce_ids("OrderItem", rows["number"]),
            "OrderId": salesforce_ids("Order", rows["order"] + 1),
            "Product2Id": rows["Product2Id"],
            "QuoteLineItemId": rows["Id"],
            "Quantity": rows["Quantity"],
            "UnitPrice": (rows["TotalPrice"] / rows["Quantity"]).round(4),
            "TotalPrice": rows["TotalPrice"],
            "ServiceDate": dates(np.where(step.isin(["Activated", "Delivered"]), rows["promised"], _NEVER)),
            "EndDate": _delivery_date(rows, step),
            "IsDeleted": step == "Deleted",
            "CreatedDate": stamps(rows["drafted"]),
            "SystemModstamp": stamps(rows["at"]),
        },
    )


def _delivery_date(rows: pd.DataFrame, step: pd.Series) -> Any:
    return dates(np.where(step == "Delivered", local_days(rows["delivered"]), _NEVER))


def _seconds(moments: pd.Series) -> Any:
    return moments.to_numpy(dtype="datetime64[s]").astype("int64")
