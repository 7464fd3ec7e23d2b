"""How large the company is: volumes of profile M, and the share of them that another profile has."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    """A size. `people` sizes what cannot shrink with the rows: seats, products."""

    name: str
    scale: float
    seats: int
    leavers: int
    managers: int
    directors: int
    skus: int
    mid_year_quotas: int

    def rows(self, at_m: int) -> int:
        """Row count of an entity that has `at_m` rows in profile M."""
        return max(1, round(at_m * self.scale))

    def planted(self, at_m: int, least: int = 2) -> int:
        """Count of a planted quirk: scaled, but never so few that it cannot be found."""
        return min(at_m, max(least, round(at_m * self.scale)))


PROFILES = {
    "S": Profile("S", 0.03, seats=17, leavers=4, managers=5, directors=1, skus=72, mid_year_quotas=2),
    "M": Profile("M", 1.0, seats=42, leavers=11, managers=8, directors=2, skus=240, mid_year_quotas=6),
}


def profile_named(name: str) -> Profile:
    """The profile of that name; ValueError with the known ones otherwise."""
    if name not in PROFILES:
        raise ValueError(f"Profile {name} is unknown: use one of {', '.join(sorted(PROFILES))}.")
    return PROFILES[name]
