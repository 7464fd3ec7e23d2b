"""Creating the demo company's systems and moving them forward in time.

`create_systems` generates once and keeps the whole timeline up to the horizon beside the systems; `evolve` only
shows more of it. Both leave the folder whole when they are interrupted. What does not belong here: the inside of
any one system.

    <folder>/company.json, quirks.json (the answer key: no load may read it), timeline/
    <folder>/erp.sqlite, drop/fx/, drop/budget/
    <folder>/malformed/ (workbooks to check by hand, beside the drop folder: no load reads them)

The ERP lies in the folder's SQLite file, or in the database whose address is given.
"""

from __future__ import annotations

import shutil
from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path

from demo.company.timeline import FROZEN_NOW, Company, Quirk, generate
from demo.systems.answer_key import write_answer_key
from demo.systems.company_clock import Clock, clock_file, read_clock, write_clock
from demo.systems.crm_faults import CrmFaults
from demo.systems.drop_folder import deliver_workbooks, rendered_folder, write_rates
from demo.systems.erp_database import create_erp, has_erp, move_erp
from demo.systems.errors import DemoError
from demo.systems.timeline_files import read_erp_table, read_rates, write_timeline
from demo.workbooks import render_budgets, write_aliases, write_malformed, write_templates

ERP_FILE = "erp.sqlite"
DROP_FOLDER = "drop"
MALFORMED_FOLDER = "malformed"


def create_systems(folder: Path, profile: str, seed: int = 7, erp_url: str = "") -> None:
    """Create the company's systems in `folder`, as they stand at the frozen now; the ERP at `erp_url`, if it is given.

    A folder that already holds this profile and seed is left as it is, whatever its date; one that holds
    anything else is refused with DemoError. Interrupted, it leaves nothing under the folder's name. A company whose
    ERP is not at `erp_url` yet gets it there, as of its date.
    """
    wanted = Clock(profile, seed, FROZEN_NOW)
    if clock_file(folder).is_file():
        _refuse_other(folder, wanted)
        if erp_url and not has_erp(erp_url):
            create_erp(erp_url, partial(read_erp_table, folder), read_clock(folder).now)
        return
    if folder.exists() and any(folder.iterdir()):
        raise DemoError(f"The folder {folder} holds something that is not a demo company: choose an empty one.")
    draft = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    _write_all(draft, generate(profile, seed), wanted, erp_url)
    if folder.exists():
        folder.rmdir()
    draft.rename(folder)


def erp_address(folder: Path) -> str:
    """The SQLAlchemy address of the ERP that lies in the folder."""
    return f"sqlite:///{folder / ERP_FILE}"


def evolve(folder: Path, days: int, erp_url: str = "") -> datetime:
    """Move every system `days` forward and return the new now (UTC without a zone); the ERP at `erp_url`, if given.

    The clock moves last, so an interrupted move is repeated by the next one. DemoError past the horizon.
    """
    clock = read_clock(folder).after(days)
    write_rates(folder / DROP_FOLDER, read_rates(folder), clock.now)
    deliver_workbooks(folder / DROP_FOLDER, _rendered(folder), clock.now)
    move_erp(erp_url or erp_address(folder), partial(read_erp_table, folder), clock.now)
    write_clock(folder, clock)
    return clock.now


def demo_now(folder: Path) -> datetime:
    """What time it is at the company in `folder` (UTC without a zone)."""
    return read_clock(folder).now


def _write_all(folder: Path, company: Company, clock: Clock, erp_url: str) -> None:
    write_timeline(folder, company)
    deliveries, planted = render_budgets(company)
    for delivery in deliveries:
        target = rendered_folder(_rendered(folder), delivery.delivered_at)
        target.mkdir(parents=True, exist_ok=True)
        (target / delivery.file_name).write_bytes(delivery.content)
    drop = folder / DROP_FOLDER
    write_rates(drop, company.fx, clock.now)
    deliver_workbooks(drop, _rendered(folder), clock.now)
    write_templates(drop / "budget" / "templates.yml")
    write_aliases(drop / "budget" / "aliases.csv", company)
    write_malformed(folder / MALFORMED_FOLDER, company)
    create_erp(erp_url or erp_address(folder), company.erp.__getitem__, clock.now)
    write_answer_key(folder / "quirks.json", company, [*company.answer_key, *planted, _bad_days()])
    write_clock(folder, clock)


def _refuse_other(folder: Path, wanted: Clock) -> None:
    found = read_clock(folder)
    if (found.profile, found.seed) != (wanted.profile, wanted.seed):
        raise DemoError(
            f"{folder} holds the demo company of profile {found.profile}, seed {found.seed}; "
            f"profile {wanted.profile}, seed {wanted.seed} was asked for: remove the folder or choose another."
        )


def _bad_days() -> Quirk:
    """O3: the CRM server's own schedule of faults."""
    return Quirk("O3", "crm_request", ["503", "429", "duplicate page"], asdict(CrmFaults.usual()))


def _rendered(folder: Path) -> Path:
    return folder / "timeline" / "workbooks"
