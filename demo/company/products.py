"""Products: lines, categories, SKUs with their launch and end, re-coded SKUs, bundles, intermittent demand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from demo.company.clock import DAY, END_DAY, NOW_DAY, START_DAY, dates, day_number, month_starts, stamps, to_date
from demo.company.frames import crm_timeline, erp_timeline
from demo.company.identifiers import salesforce_id
from demo.company.model import Quirk, TableTimeline
from demo.company.profiles import Profile

LINES = {
    "Drives": ("Gear Units", "Electric Motors", "Couplings"),
    "Fluid Power": ("Pumps", "Valves", "Cylinders"),
    "Sensing": ("Pressure Sensors", "Flow Meters", "Encoders"),
    "Fastening": ("Bolts", "Bearings", "Seals"),
}
CATEGORIES = tuple(category for line in LINES.values() for category in line)
LINE_OF = {category: line for line, categories in LINES.items() for category in categories}
LINE_WEIGHTS = {"Drives": 0.36, "Fluid Power": 0.28, "Sensing": 0.21, "Fastening": 0.15}
_PRICE_LEVEL = {"Drives": 190.0, "Fluid Power": 120.0, "Sensing": 85.0, "Fastening": 14.0}
_MANY = {"recoded": 3, "bundle": 4, "launched": 9, "discontinued": 14, "intermittent": 58, "lumpy": 21}
_FOUNDED = date(2021, 6, 1)


@dataclass(frozen=True)
class Product:
    """A SKU. `launch`, `end` are day numbers (`end` -1: sold); `demand` is smooth, intermittent or lumpy."""

    number: int
    sku: str
    name: str
    category: str
    price: float
    weight: float
    launch: int
    end: int
    successor: str | None = None
    is_bundle: bool = False
    demand: str = "smooth"
    kind: str = "regular"

    @property
    def line(self) -> str:
        """Product line."""
        return LINE_OF[self.category]


@dataclass(frozen=True)
class Catalogue:
    """All SKUs, and by SKU and month of history whether it can be sold."""

    products: tuple[Product, ...]
    sellable: Any

    def of_kind(self, kind: str) -> list[Product]:
        """Products planted as a kind."""
        return [p for p in self.products if p.kind == kind]


def build_catalogue(profile: Profile, rng: np.random.Generator) -> Catalogue:
    """SKUs spread evenly over the twelve categories; the special ones are planted at fixed places of the list."""
    products = [_product(i, profile, rng) for i in range(profile.skus)]
    counts = {kind: min(n, max(2, round(n * profile.skus / 240))) for kind, n in _MANY.items()}
    spots = rng.permutation(profile.skus).tolist()
    for kind, count in counts.items():
        for _ in range(count):
            position = spots.pop()
            products[position] = _special(products[position], kind, rng)
    products += [_recoded_successor(p, len(products) + i) for i, p in enumerate(_recoded(products))]
    return Catalogue(tuple(products), _sellable(products, rng))


def _product(index: int, profile: Profile, rng: np.random.Generator) -> Product:
    category = CATEGORIES[index % len(CATEGORIES)]
    line = LINE_OF[category]
    level = _PRICE_LEVEL[line] * float(np.exp(rng.normal(0.0, 0.6)))
    rank = index // len(CATEGORIES)
    name = f"{category.removesuffix('s')} {'ABCDEFGHKLMNPRSTUVWXYZ'[rank % 22]}{10 * rank + 15}"
    sku = f"{line[:2].upper()}-{category[:3].upper()}-{100 + 7 * index:04d}"
    weight = float(np.exp(rng.normal(0.0, 0.7)))
    return Product(index + 1, sku, name, category, round(level, 2), weight, day_number(_FOUNDED), -1)


def _special(product: Product, kind: str, rng: np.random.Generator) -> Product:
    middle = int(rng.integers(START_DAY + 240, NOW_DAY - 150))
    if kind == "recoded":
        return replace(product, kind=kind, end=middle, successor=f"{product.sku}-N")
    if kind == "bundle":
        return replace(product, kind=kind, is_bundle=True, name=f"{product.name} Set", price=product.price * 2.4)
    if kind == "launched":
        return replace(product, kind=kind, launch=int(rng.integers(NOW_DAY - 300, NOW_DAY - 60)))
    if kind == "discontinued":
        return replace(product, kind=kind, end=middle)
    return replace(product, kind=kind, demand=kind, weight=product.weight * (0.5 if kind == "lumpy" else 0.35))


def _recoded(products: list[Product]) -> list[Product]:
    return [p for p in products if p.kind == "recoded"]


def _recoded_successor(product: Product, index: int) -> Product:
    return replace(
        product,
        number=index + 1,
        sku=str(product.successor),
        launch=product.end,
        end=-1,
        successor=None,
        kind="successor",
    )


def _sellable(products: list[Product], rng: np.random.Generator) -> Any:
    """Bool array SKU × month: launched, not ended, and in demand (intermittent SKUs only in some months)."""
    starts = np.array([day_number(d) for d in month_starts()])
    launch = np.array([p.launch for p in products])[:, None]
    end = np.array([p.end if p.end >= 0 else END_DAY + 99 for p in products])[:, None]
    alive = (launch <= starts) & (starts + 31 <= end)
    chance = np.array([{"smooth": 1.0, "intermittent": 0.3, "lumpy": 0.35}[p.demand] for p in products])
    return alive & (rng.random(alive.shape) < chance[:, None])


def product_tables(catalogue: Catalogue, rng: np.random.Generator) -> tuple[list[TableTimeline], list[Quirk]]:
    """ERP product and bundle_component, CRM Product2, and the quirks Q18, F3, F4."""
    tables = [_erp_products(catalogue), _components(catalogue, rng), _crm_products(catalogue)]
    return tables, _quirks(catalogue)


def _erp_products(catalogue: Catalogue) -> TableTimeline:
    """One version when launched and one when an end (and a successor) is decided, thirty days before."""
    rows = [(p, max(p.launch - 30, START_DAY), False) for p in catalogue.products]
    rows += [(p, p.end - 30, True) for p in catalogue.products if p.end >= 0]
    return erp_timeline(
        "product",
        {
            "sku": [p.sku for p, _, _ in rows],
            "name": [p.name for p, _, _ in rows],
            "category": [p.category for p, _, _ in rows],
            "product_line": [p.line for p, _, _ in rows],
            "launch_date": dates([p.launch for p, _, _ in rows]),
            "end_date": dates([p.end if ended else -1 for p, _, ended in rows]),
            "successor_sku": [p.successor if ended else None for p, _, ended in rows],
            "is_bundle": [p.is_bundle for p, _, _ in rows],
            "updated_at": stamps([day * DAY + 30_000 for _, day, _ in rows]),
        },
    )


def _components(catalogue: Catalogue, rng: np.random.Generator) -> TableTimeline:
    rows: list[tuple[str, str, float]] = []
    plain = [p for p in catalogue.products if p.kind == "regular"]
    for bundle in catalogue.of_kind("bundle"):
        for position in rng.choice(len(plain), size=3, replace=False):
            rows.append((bundle.sku, plain[int(position)].sku, float(rng.integers(1, 4))))
    return erp_timeline(
        "bundle_component",
        {
            "bundle_sku": [bundle for bundle, _, _ in rows],
            "component_sku": [component for _, component, _ in rows],
            "quantity": [quantity for _, _, quantity in rows],
            "updated_at": stamps([START_DAY * DAY + 30_100] * len(rows)),
        },
    )


def _crm_products(catalogue: Catalogue) -> TableTimeline:
    rows = [(p, max(p.launch - 30, START_DAY), True) for p in catalogue.products]
    rows += [(p, p.end, False) for p in catalogue.products if p.end >= 0]
    return crm_timeline(
        "Product2",
        {
            "Id": [salesforce_id("Product2", p.number) for p, _, _ in rows],
            "ProductCode": [p.sku for p, _, _ in rows],
            "Name": [p.name for p, _, _ in rows],
            "Family": [p.line for p, _, _ in rows],
            "IsActive": [active for _, _, active in rows],
            "IsDeleted": False,
            "CreatedDate": stamps([max(p.launch - 30, START_DAY) * DAY + 30_000 for p, _, _ in rows]),
            "SystemModstamp": stamps([day * DAY + 30_000 for _, day, _ in rows]),
        },
    )


def _quirks(catalogue: Catalogue) -> list[Quirk]:
    def skus(kind: str) -> list[str]:
        return [p.sku for p in catalogue.of_kind(kind)]

    successors = {p.sku: str(p.successor) for p in catalogue.of_kind("recoded")}
    expected = {"successors": successors, "bundles": skus("bundle"), "launched": skus("launched")}
    expected["discontinued"] = {p.sku: to_date(p.end).isoformat() for p in catalogue.of_kind("discontinued")}
    every = [*successors, *skus("bundle"), *skus("launched"), *skus("discontinued")]
    return [
        Quirk("Q18", "product", every, expected),
        Quirk("F3", "product", skus("intermittent") + skus("lumpy"), {k: skus(k) for k in ("intermittent", "lumpy")}),
        Quirk("F4", "series", [*skus("launched"), "East"], {"skus": skus("launched"), "region": "East"}),
    ]
