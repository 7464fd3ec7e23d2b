"""A zipped workbook (.xlsx, .xlsm, .xlsb, .ods): its limits, checked before anything is unpacked, and its parts."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib

from ingestion.workbook.limits import MAX_RATIO, MAX_UNPACKED_BYTES, WorkbookRefusedError
from ingestion.workbook.safe_xml import local, read_tree, refuse_document_type

_SMALL = 1 << 20


class Archive:
    """The parts of a zipped workbook; WorkbookRefusedError where it is damaged, locked or a bomb."""

    def __init__(self, content: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, ValueError, EOFError, OSError) as error:
            raise WorkbookRefusedError(f"it is damaged or cut off ({error}); send it again") from None
        entries = self._zip.infolist()
        if any(entry.flag_bits & 1 for entry in entries):
            raise WorkbookRefusedError("it is protected by a password; save it without one")
        _refuse_bomb(entries)
        self.names = frozenset(entry.filename for entry in entries)

    def read(self, name: str) -> bytes:
        """Return a part's bytes; empty where there is no such part."""
        if name not in self.names:
            return b""
        try:
            return self._zip.read(name)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
            raise WorkbookRefusedError(f"its part {name} is damaged ({error}); send it again") from None

    def read_xml(self, name: str) -> bytes:
        """Return an XML part without a document type."""
        content = self.read(name)
        refuse_document_type(content, name)
        return content

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Return the relations of a part: id → (kind, part that it leads to)."""
        folder, name = posixpath.split(part)
        content = self.read_xml(posixpath.join(folder, "_rels", f"{name}.rels"))
        if not content:
            return {}
        return {
            entry.get("Id", ""): (
                entry.get("Type", "").rpartition("/")[2],
                posixpath.normpath(posixpath.join("/", folder, entry.get("Target", ""))).lstrip("/"),
            )
            for entry in read_tree(content, part)
            if local(entry.tag) == "Relationship"
        }

    def main_part(self) -> str:
        """Return the workbook's part of an Office file; empty where there is none."""
        roots = self.relations("")
        return next((target for kind, target in roots.values() if kind == "officeDocument"), "")


def _refuse_bomb(entries: list[zipfile.ZipInfo]) -> None:
    unpacked, packed = sum(e.file_size for e in entries), sum(e.compress_size for e in entries)
    if unpacked > MAX_UNPACKED_BYTES:
        raise WorkbookRefusedError(
            f"it unpacks to {unpacked >> 20} MB, more than the {MAX_UNPACKED_BYTES >> 20} MB allowed; send a workbook"
            " that holds the table only"
        )
    for entry in entries:
        _refuse_ratio(f"its part {entry.filename}", entry.file_size, entry.compress_size)
    _refuse_ratio("it", unpacked, packed)


def _refuse_ratio(what: str, unpacked: int, packed: int) -> None:
    if unpacked > _SMALL and unpacked > MAX_RATIO * max(packed, 1):
        raise WorkbookRefusedError(
            f"{what} unpacks to {unpacked // max(packed, 1)} times its size, more than {MAX_RATIO} times, as only a"
            " zip bomb does; do not open it"
        )
