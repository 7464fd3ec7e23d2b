"""Runs every business process in order and gathers tables and answer key; the order is what depends on what."""

from __future__ import annotations

import numpy as np

from demo.company.accounts import account_table, account_territory_table, contact_table
from demo.company.activities import activity_tables
from demo.company.billing import place_invoices, price_lines
from demo.company.budgets import ALIASES, build_budgets
from demo.company.campaigns import People, build_campaigns, campaign_tables
from demo.company.cases import case_table
from demo.company.clock import DAY, NOW
from demo.company.credit_notes import build_credit_notes, credit_note_tables
from demo.company.crm_orders import crm_order_tables
from demo.company.dated_rates import dated_rate_table
from demo.company.erp_masters import customer_table, order_tables, salesperson_table
from demo.company.frames import number_rowversions
from demo.company.fx import RateBook, build_fx
from demo.company.invoices import build_invoices, invoice_tables
from demo.company.leads import lead_table
from demo.company.model import Company, Quirk, TableTimeline
from demo.company.opportunities import assign_owners, number_deals, simulate_deals
from demo.company.opportunity_key import history_quirks
from demo.company.opportunity_life import Deal
from demo.company.opportunity_quirks import (
    Planter,
    deal_id,
    merged_quirk,
    plant_back_dated,
    plant_deletions,
    plant_dst,
    plant_merged,
    plant_month_boundary,
    plant_odd_values,
    plant_reopened,
    plant_same_second,
    within_horizon,
)
from demo.company.opportunity_tables import opportunity_tables
from demo.company.orders import build_orders
from demo.company.parties import Parties
from demo.company.party_key import match_quirk
from demo.company.party_maker import build_parties
from demo.company.people import SalesForce, build_sales_force, people_tables
from demo.company.prices import PriceBook, price_tables
from demo.company.products import Catalogue, build_catalogue, product_tables
from demo.company.profiles import Profile, profile_named
from demo.company.quotas import quota_table
from demo.company.quotes import contract_table, quote_tables
from demo.company.removals import without_a_future_quota, without_a_second_territory
from demo.company.rng import rng_for
from demo.company.sales_key import sales_quirks
from demo.company.sales_plan import build_plan
from demo.company.schema_events import schema_events, schema_quirk
from demo.company.territories import territory_map, territory_tables


class _World:
    """What the processes share, and what they have produced so far."""

    def __init__(self, profile: Profile, seed: int) -> None:
        self.profile = profile
        self.seed = seed
        self.crm: list[TableTimeline] = []
        self.erp: list[TableTimeline] = []
        self.key: list[Quirk] = []
        self.territories = territory_map()
        self.force: SalesForce = build_sales_force(profile, self.territories, self.rng("people"))
        self.parties: Parties = build_parties(profile, self.force, self.rng("parties"))
        self.catalogue: Catalogue = build_catalogue(profile, self.rng("products"))
        self.plan = build_plan(profile, self.rng("plan"))
        self.fx = build_fx(self.rng("fx"))

    def rng(self, process: str) -> np.random.Generator:
        """The stream of a process."""
        return rng_for(self.seed, process)

    def crm_table(self, name: str) -> TableTimeline:
        """A CRM table that an earlier process has produced."""
        return next(table for table in self.crm if table.name == name)


def assemble(profile_name: str, seed: int) -> Company:
    """The whole company of a profile and a seed."""
    world = _World(profile_named(profile_name), seed)
    deals = _deals(world)
    _masters(world)
    _crm_processes(world, deals)
    _erp_processes(world, deals)
    events = schema_events()
    world.key.append(schema_quirk(events))
    budgets = build_budgets(
        world.profile,
        world.plan,
        world.parties,
        world.force,
        world.catalogue,
        world.territories,
        world.rng("budgets"),
    )
    return Company(
        seed=seed,
        profile=profile_name,
        crm={table.name: table for table in world.crm},
        erp={table.name: table for table in number_rowversions(world.erp)},
        fx=world.fx,
        budgets=budgets,
        aliases=list(ALIASES),
        answer_key=sorted(world.key, key=lambda quirk: (quirk.id, quirk.entity)),
        schema_events=events,
    )


def _deals(world: _World) -> list[Deal]:
    rng = world.rng("opportunity quirks")
    deals = simulate_deals(world.profile, world.parties, world.rng("opportunities"))
    deals = number_deals(plant_merged(deals, world.profile, rng))
    assign_owners(deals, world.force, world.rng("owners"))
    planter = Planter(deals, world.profile, rng)
    quirks = [*plant_deletions(planter), plant_reopened(planter), plant_same_second(planter)]
    quirks += [plant_month_boundary(planter), plant_dst(planter), *plant_odd_values(planter)]
    quirks += [plant_back_dated(planter), merged_quirk(deals)]
    deals = within_horizon(deals)
    world.key += [*quirks, *history_quirks(deals)]
    return deals


def _masters(world: _World) -> None:
    """Accounts, contacts, people, territories, products: what changes slowly."""
    world.crm += territory_tables(world.territories)
    *people, assignments = people_tables(world.force, world.territories, world.rng("assignments"))
    world.crm += [*people, without_a_second_territory(assignments, world.rng("removed assignments"))]
    accounts, account_quirks = account_table(world.parties, world.force, world.rng("accounts"))
    contacts, contact_quirks = contact_table(world.parties, world.profile, world.rng("contacts"))
    moved, realignment = account_territory_table(world.parties, world.force, world.territories)
    world.crm += [accounts, contacts, moved]
    world.key += [*account_quirks, *contact_quirks, realignment, match_quirk(world.parties)]
    (product, components, crm_product), product_quirks = product_tables(world.catalogue, world.rng("bundles"))
    world.crm.append(crm_product)
    world.erp += [product, components, *price_tables(world.catalogue, world.rng("costs"))]
    world.erp += [customer_table(world.parties, world.rng("customers")), salesperson_table(world.force)]
    world.key += product_quirks
    quotas = quota_table(world.profile, world.force, world.plan, world.rng("quotas"))
    world.crm.append(without_a_future_quota(quotas, world.rng("removed quotas")))


def _crm_processes(world: _World, deals: list[Deal]) -> None:
    campaigns = build_campaigns(world.profile, world.rng("campaigns"))
    leads, duplicates = lead_table(world.profile, deals, world.force, campaigns, world.rng("leads"))
    late = _late_versions(world, deals)
    world.crm += opportunity_tables(deals, world.catalogue, late, world.rng("opportunity lines"))
    world.crm += quote_tables(deals, world.crm_table("OpportunityLineItem"), world.rng("quotes"))
    world.crm.append(contract_table(world.profile, world.parties, world.force, world.rng("contracts")))
    world.crm.append(leads)
    world.crm += activity_tables(world.profile, deals, world.parties, world.force, world.rng("activities"))
    contacts = People.of(world.crm_table("Contact"))
    rng = world.rng("campaign members")
    world.crm += campaign_tables(campaigns, world.profile, People.of(leads), contacts, rng)
    world.key.append(duplicates)


def _late_versions(world: _World, deals: list[Deal]) -> dict[int, int]:
    """O4: deals whose last change of the horizon shows only hours to two days later; delay in seconds by number."""
    rng = world.rng("late versions")
    recent = [d for d in deals if NOW - DAY < d.changes[-1].at < NOW + 24 * DAY and d.hard_deleted < 0]
    count = min(world.profile.planted(45, least=4), len(recent))
    chosen = sorted(rng.choice(len(recent), size=count, replace=False).tolist())
    delays = {recent[i].number: int(rng.integers(4 * 3_600, 2 * DAY)) for i in chosen}
    moments = {deal_id(recent[i]): [recent[i].changes[-1].at, delays[recent[i].number]] for i in chosen}
    world.key.append(Quirk("O4", "Opportunity", sorted(moments), {"modified_at_and_delay_seconds": moments}))
    return delays


def _erp_processes(world: _World, deals: list[Deal]) -> None:
    profile = world.profile
    args = (profile, world.parties, world.force, world.catalogue, world.plan, deals, world.rng("orders"))
    orders = build_orders(*args)
    parts = place_invoices(orders, world.rng("billing"))
    price_lines(orders, parts, world.plan, PriceBook(world.catalogue), profile)
    invoices, invoice_quirks = build_invoices(orders, parts, profile, world.rng("invoices"))
    notes = build_credit_notes(invoices, profile, world.rng("credit notes"))
    world.crm.append(case_table(profile, world.parties, world.force, orders, world.rng("cases")))
    quotes, lines, contracts = (world.crm_table(name) for name in ("Quote", "QuoteLineItem", "Contract"))
    world.crm += crm_order_tables(quotes, lines, contracts, orders, world.rng("crm orders"))
    world.erp += order_tables(orders, invoices, world.catalogue)
    world.erp += invoice_tables(invoices, world.catalogue)
    world.erp += credit_note_tables(notes, world.catalogue)
    world.key += invoice_quirks
    rates = RateBook(world.fx)
    world.crm.append(dated_rate_table(rates, world.rng("dated rates")))
    world.key += sales_quirks(orders, invoices, notes, world.catalogue, rates)
