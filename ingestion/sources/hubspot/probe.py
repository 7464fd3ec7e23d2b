"""What a portal shows to the private app: objects, properties, how many there are, and what it will never tell.

Costs two requests per kind of object.
"""

from __future__ import annotations

from dataclasses import replace

from ingestion.findings import SourceFindings, TableFinding, compare_columns
from ingestion.sources.hubspot.client import HubspotClient
from ingestion.sources.hubspot.config import HubspotConfig
from ingestion.sources.hubspot.tables import HISTORY_KEPT, OBJECTS, OWNERS, PIPELINES, ObjectKind

_ALWAYS_UNKNOWN = (
    f"more than {HISTORY_KEPT} past values of a property: where the first close date is lost, pushes are NULL, not 0.",
    "archived objects that were purged, and what merged ones were, before the first load.",
    "quotas and campaigns: another mapping has to give them.",
    "territories beyond the companies' property `territory`: their regions, realignments and reps.",
)


def probe(config: HubspotConfig) -> SourceFindings:
    """Look at every declared kind of object; IngestionError if the portal cannot be reached or refuses the token."""
    with HubspotClient(config) as client:
        tables = [_look_at(client, kind) for kind in OBJECTS.values()]
        tables.append(TableFinding(OWNERS.name, rows=len(client.owners()), columns=len(OWNERS.columns)))
        pipelines = client.pipelines("deals")
        tables.append(TableFinding(PIPELINES.name, rows=len(pipelines), columns=len(PIPELINES.columns)))
    return SourceFindings("hubspot", True, True, tuple(tables), _ALWAYS_UNKNOWN)


def _look_at(client: HubspotClient, kind: ObjectKind) -> TableFinding:
    available = client.properties(kind.name)
    if available is None:
        return TableFinding(kind.name, missing=kind.properties, note="no such objects, or the app may not see them")
    beside = [column.name for column in kind.contract.columns if column.name not in kind.properties]
    finding = compare_columns(kind.contract, [*beside, *available])
    # Only a portal's own properties land beyond the declared ones.
    own = tuple(name for name in finding.undeclared if available[name])
    return replace(finding, undeclared=own, rows=client.count(kind.name))
