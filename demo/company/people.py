"""The sales force: seats, their occupants over time, managers, directors, users and their territories."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from demo.company.clock import (
    DAY,
    END_DAY,
    HISTORY_START,
    NOW_DAY,
    REALIGNMENT,
    START_DAY,
    dates,
    day_number,
    stamps,
)
from demo.company.frames import crm_timeline
from demo.company.identifiers import salesforce_id, salesforce_ids
from demo.company.model import TableTimeline
from demo.company.names import NameBook, fold
from demo.company.profiles import Profile
from demo.company.territories import ANNOUNCED, TerritoryMap


@dataclass(frozen=True)
class Person:
    """A CRM user. `hired`, `left` are day numbers (`left` -1: still here); `seat` -1: not a rep."""

    number: int
    first_name: str
    last_name: str
    role: str
    manager: int
    hired: int
    left: int
    seat: int
    region: str

    @property
    def id(self) -> str:
        """User id in the CRM."""
        return salesforce_id("User", self.number)

    @property
    def name(self) -> str:
        """Full name."""
        return f"{self.first_name} {self.last_name}"


@dataclass(frozen=True)
class SalesForce:
    """Seats by index: old and new territory name, and the occupants in order."""

    people: tuple[Person, ...]
    seat_old: tuple[str, ...]
    seat_new: tuple[str, ...]
    occupants: tuple[tuple[int, ...], ...]

    def territory_names(self, seats: Any, days: Any) -> Any:
        """Territory names (object array) of seats at days."""
        old = np.array(self.seat_old, dtype=object)[seats]
        new = np.array(self.seat_new, dtype=object)[seats]
        return np.where(np.asarray(days) < day_number(REALIGNMENT), old, new)

    def owners(self, seats: Any, days: Any) -> Any:
        """Person numbers (int array) who hold the seats at days; a seat's first holder also covers earlier days."""
        first = np.array([o[0] for o in self.occupants])
        last = np.array([o[-1] for o in self.occupants])
        ends = np.array([self.people[o[0] - 1].left if len(o) > 1 else END_DAY + 999 for o in self.occupants])
        return np.where(np.asarray(days) < ends[seats], first[seats], last[seats])

    @property
    def leavers(self) -> list[Person]:
        """Reps who left."""
        return [p for p in self.people if p.seat >= 0 and p.left >= 0]


def build_sales_force(profile: Profile, tmap: TerritoryMap, rng: np.random.Generator) -> SalesForce:
    """Seats over all territories, leavers with their successors, managers by region, directors on top."""
    seat_old, seat_new = _seats(profile, tmap, rng)
    book = NameBook(rng)
    people: list[Person] = []

    def add(role: str, manager: int, hired: int, left: int, seat: int, region: str) -> int:
        people.append(Person(len(people) + 1, *book.person(), role, manager, hired, left, seat, region))
        return len(people)

    long_ago = day_number(date(2015, 1, 1))
    directors = [add("Director", -1, long_ago + 30 * i, -1, -1, "Central") for i in range(profile.directors)]
    regions = sorted({name.split()[0] for name in seat_new})
    managers = [
        add("Manager", directors[i % len(directors)], long_ago + 200 + 40 * i, -1, -1, regions[i % len(regions)])
        for i in range(profile.managers)
    ]
    leaver_seats = set(rng.choice(profile.seats, size=profile.leavers, replace=False).tolist())
    occupants: list[tuple[int, ...]] = []
    for seat, territory in enumerate(seat_new):
        region = territory.split()[0]
        own = [m for m in managers if people[m - 1].region == region]
        manager = own[seat % len(own)]
        hired = int(rng.integers(long_ago, START_DAY - 60))
        if seat in leaver_seats:
            left = int(rng.integers(START_DAY + 120, NOW_DAY - 45))
            occupants.append(
                (add("Rep", manager, hired, left, seat, region), add("Rep", manager, left - 14, -1, seat, region))
            )
        else:
            occupants.append((add("Rep", manager, hired, -1, seat, region),))
    return SalesForce(tuple(people), tuple(seat_old), tuple(seat_new), tuple(occupants))


def _seats(profile: Profile, tmap: TerritoryMap, rng: np.random.Generator) -> tuple[list[str], list[str]]:
    """One seat per (old, new) pair of territories, the rest spread at random."""
    pairs = [(old, new) for old, new, _ in tmap.successors]
    extra = rng.integers(len(pairs), size=profile.seats - len(pairs))
    pairs += [pairs[i] for i in extra]
    return [old for old, _ in pairs], [new for _, new in pairs]


def people_tables(force: SalesForce, tmap: TerritoryMap, rng: np.random.Generator) -> list[TableTimeline]:
    """User, UserRole and UserTerritory2Association."""
    return [_user_table(force), _role_table(), _assignment_table(force, tmap, rng)]


_ROLES = ("Director", "Manager", "Rep")


def _role_table() -> TableTimeline:
    moment = stamps(np.full(3, START_DAY * DAY))
    ids = salesforce_ids("UserRole", np.arange(1, 4))
    return crm_timeline(
        "UserRole",
        {
            "Id": ids,
            "Name": ["Sales Director", "Sales Manager", "Sales Representative"],
            "ParentRoleId": [None, ids[0], ids[1]],
            "SystemModstamp": moment,
        },
    )


def _user_table(force: SalesForce) -> TableTimeline:
    """A version when the user is created and one when the user leaves."""
    versions = [(p, max(p.hired, START_DAY) * DAY + 25_000, True) for p in force.people]
    versions += [(p, p.left * DAY + 61_200, False) for p in force.people if p.left >= 0]
    titles = {"Director": "Sales Director", "Manager": "Sales Manager", "Rep": "Account Executive"}
    return crm_timeline(
        "User",
        {
            "Id": [p.id for p, _, _ in versions],
            "Name": [p.name for p, _, _ in versions],
            "FirstName": [p.first_name for p, _, _ in versions],
            "LastName": [p.last_name for p, _, _ in versions],
            "Email": [f"{fold(p.first_name)}.{fold(p.last_name)}@nordwind.example" for p, _, _ in versions],
            "IsActive": [active for _, _, active in versions],
            "ManagerId": [salesforce_id("User", p.manager) if p.manager > 0 else None for p, _, _ in versions],
            "UserRoleId": [salesforce_id("UserRole", _ROLES.index(p.role) + 1) for p, _, _ in versions],
            "Title": [titles[p.role] for p, _, _ in versions],
            "Team__c": [f"Team {p.region}" for p, _, _ in versions],
            "Hire_Date__c": dates([p.hired for p, _, _ in versions]),
            "Termination_Date__c": dates([-1 if active else p.left for p, _, active in versions]),
            "CreatedDate": stamps([max(p.hired, START_DAY) * DAY + 25_000 for p, _, _ in versions]),
            "SystemModstamp": stamps([at for _, at, _ in versions]),
        },
    )


def _assignment_table(force: SalesForce, tmap: TerritoryMap, rng: np.random.Generator) -> TableTimeline:
    """Main territory of each rep (share 1 or 0.8), often a second of the region (0.2); closed and re-opened."""
    rows: list[dict[str, Any]] = []
    turn = day_number(REALIGNMENT)
    for person in force.people:
        if person.seat < 0:
            continue
        old, new = force.seat_old[person.seat], force.seat_new[person.seat]
        share = 0.8 if rng.random() < 0.8 else 1.0
        start = max(person.hired, day_number(HISTORY_START))
        periods = [(old, start, turn), (new, max(start, turn), -1)] if old != new else [(new, start, -1)]
        for name, begin, end in periods:
            _assign(rows, person, tmap.by_name(name).id, share, begin, end)
            if share < 1.0:
                second = _second_territory(tmap, name, after=begin >= turn or end < 0)
                _assign(rows, person, second, 0.2, begin, end)
    return _assignment_timeline(rows)


def _second_territory(tmap: TerritoryMap, main: str, *, after: bool) -> str:
    """Another territory of the same region that lives through the whole period."""
    region = main.split(maxsplit=1)[0]
    names = [t for t in tmap.current(after=after) if t.region == region and t.name != main and t.before]
    return names[0].id if names else tmap.by_name(main).id


def _assign(rows: list[dict[str, Any]], person: Person, territory: str, share: float, begin: int, end: int) -> None:
    """Append the versions of one assignment: opened, and closed when it ends or its holder leaves."""
    last = person.left if person.left >= 0 else end
    if end >= 0 and last > end:
        last = end
    if 0 <= last <= begin:
        return
    created = max(begin * DAY + 20_000 if begin != day_number(REALIGNMENT) else ANNOUNCED, START_DAY * DAY)
    number = len({row["number"] for row in rows}) + 1
    base = {"number": number, "user": person.id, "territory": territory, "share": share, "from": begin}
    rows.append({**base, "to": -1, "active": True, "at": created})
    if last >= 0:
        at = ANNOUNCED if last == end else last * DAY + 61_300
        rows.append({**base, "to": last, "active": False, "at": max(at, created + 1)})


def _assignment_timeline(rows: list[dict[str, Any]]) -> TableTimeline:
    return crm_timeline(
        "UserTerritory2Association",
        {
            "Id": salesforce_ids("UserTerritory2Association", [r["number"] for r in rows]),
            "UserId": [r["user"] for r in rows],
            "Territory2Id": [r["territory"] for r in rows],
            "RoleInTerritory2": "Account Executive",
            "Share__c": [r["share"] for r in rows],
            "IsActive": [r["active"] for r in rows],
            "Valid_From__c": dates([r["from"] for r in rows]),
            "Valid_To__c": dates([r["to"] for r in rows]),
            "SystemModstamp": stamps([r["at"] for r in rows]),
        },
    )
