"""Look for secrets in everything that a load or a run leaves behind.

What belongs here: the search through files of every kind. What does not: which secrets are planted and where.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb


def leaks(folder: Path, secrets: Iterable[str], without: Path | None = None) -> list[str]:
    """Return `<secret> in <file>` for each secret found below `folder`: in bytes, archives and warehouse tables.

    What lies below `without` is not searched.
    """
    wanted = list(secrets)
    found = (path for path in sorted(folder.rglob("*")) if without is None or without not in path.parents)
    files = [path for path in found if path.is_file() and not path.is_symlink()]
    assert files, f"{folder} holds no file to search"
    return [
        f"{secret} in {place}" for path in files for place, text in _texts(path) for secret in wanted if secret in text
    ]


def _texts(path: Path) -> Iterator[tuple[str, str]]:
    yield str(path), path.read_bytes().decode("latin-1")
    if path.suffix == ".duckdb":
        # Its blocks are compressed: the bytes alone prove nothing.
        yield from _tables(path)
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield f"{path}!{name}", archive.read(name).decode("latin-1")


def _tables(path: Path) -> Iterator[tuple[str, str]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name, table_name, list(column_name) from duckdb_columns()"
            " join duckdb_tables() using (database_name, schema_name, table_name)"
            " where data_type = 'VARCHAR' group by all"
        ).fetchall()
        for schema, table, columns in tables:
            texts = ", ".join(f'"{column}"' for column in columns)
            rows = connection.execute(f'select concat_ws(chr(10), {texts}) from "{schema}"."{table}"').fetchall()
            yield f"{path}:{schema}.{table}", "\n".join(row[0] or "" for row in rows)
