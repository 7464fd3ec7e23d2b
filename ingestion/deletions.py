"""Hard deletions of one table: rows that the source no longer has become tombstones.

What belongs here: the comparison of keys and the reading of a deletion log. What does not: soft deletions, which
are ordinary versions of a row with a flag.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa

from ingestion import versions
from ingestion.casting import INCOMING, ROW_NUMBER, plan_cast
from ingestion.contract import TableContract
from ingestion.errors import IngestionError
from ingestion.landing import Landing
from ingestion.naming import raw_name


def note_present(landing: Landing, keys: Iterable[pa.Table] | None) -> None:
    """Remember which keys the source has now: those of `keys`, or (None) those that this load has read."""
    landing.connection.execute("create or replace temp table present (row_key varchar)")
    if keys is None:
        _register_quarantined(landing)
        landing.connection.execute("insert into present select row_key from seen union select row_key from quarantined")
        return
    columns = tuple(c for c in landing.contract.columns if c.name in landing.contract.key)
    contract = TableContract(landing.contract.name, landing.contract.key, columns)
    for batch in keys:
        numbered = batch.append_column(ROW_NUMBER, pa.array(np.arange(batch.num_rows)))
        landing.connection.register(INCOMING, numbered)
        landing.connection.execute(f"insert into present select row_key from ({plan_cast(contract, batch.schema).sql})")
        landing.connection.unregister(INCOMING)


def has_missed_keys(landing: Landing) -> bool:
    """Return whether the source holds keys that neither the cursor brought nor a rejection explains."""
    _register_quarantined(landing)
    missed = landing.connection.execute(
        "select count(*) from present anti join seen using (row_key) anti join quarantined using (row_key)"
        " anti join (select row_key from known where not is_deleted) using (row_key)"
    ).fetchall()
    return bool(missed[0][0])


def vanished(landing: Landing) -> Iterator[pa.Table]:
    """Yield a tombstone, as of the run's clock, for each live key that the source no longer has."""
    gone = landing.connection.execute(
        "select row_key, cast(? as timestamp) as deleted_at from known anti join present using (row_key)"
        " where not is_deleted order by row_key",
        [landing.clock],
    ).to_arrow_table()
    live = versions.live_count(landing.connection)
    if landing.lost_too_many(live, live - gone.num_rows):
        raise IngestionError(
            f"Table {landing.contract.name} of {landing.source}: {gone.num_rows} of {live} known rows are gone at the"
            f" source; nothing was loaded. {landing.remedy}"
        )
    yield from _tombstones(landing, gone)


def logged(landing: Landing, log: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Yield a tombstone per entry of the source's deletion log (row_key text, deleted_at timestamp).

    No tombstone for a row that raw knows as soft-deleted, as changed after the deletion, or as deleted already.
    """
    flag = landing.contract.soft_delete
    if flag:
        soft = versions.soft_deleted(landing.connection, landing.contract, landing.state, raw_name(flag))
    else:
        soft = pa.table({"row_key": pa.array([], pa.string())})
    landing.connection.register("soft_deleted", soft)
    for entries in log:
        landing.connection.register("deletion_log", entries)
        gone = landing.connection.execute(
            "select row_key, max(deleted_at) as deleted_at from deletion_log"
            " anti join seen using (row_key) anti join soft_deleted using (row_key)"
            " where not exists (select 1 from known where known.row_key = deletion_log.row_key"
            "     and (is_deleted or try_cast(stamp as timestamp) > deleted_at))"
            " group by row_key order by row_key"
        ).to_arrow_table()
        landing.connection.unregister("deletion_log")
        key = raw_name(landing.contract.key[0])
        yield from _tombstones(landing, gone.append_column(key, gone["row_key"]))
        landing.connection.register("gone_now", gone)
        landing.connection.execute("insert into seen select row_key, 'deleted' from gone_now")
        landing.connection.unregister("gone_now")
    landing.connection.unregister("soft_deleted")


def _register_quarantined(landing: Landing) -> None:
    rejected = landing.rejected_rows().select(["row_key"])
    landing.connection.register("quarantined_rows", rejected)
    landing.connection.execute("create or replace temp table quarantined as select distinct * from quarantined_rows")
    landing.connection.unregister("quarantined_rows")


def _tombstones(landing: Landing, gone: pa.Table) -> Iterator[pa.Table]:
    if not gone.num_rows:
        return
    columns = [raw_name(c.name) for c in landing.contract.columns]
    columns += [name for name in landing.state.columns if name not in columns and not name.startswith("_")]
    tombstones = versions.last_contents(landing.connection, landing.contract, landing.state, columns, gone)
    landing.count_deleted(tombstones.num_rows)
    yield landing.finished(tombstones, tombstones.num_rows)
