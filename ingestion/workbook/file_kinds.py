"""What a file is, by its content: its name may say otherwise."""

from __future__ import annotations

from typing import Literal

from ingestion.workbook.archive import Archive
from ingestion.workbook.limits import WorkbookRefusedError

FileKind = Literal["xlsx", "xlsb", "xls", "ods", "text"]

TEXT_SUFFIXES = (".csv", ".txt", ".tsv")
_ZIP, _COMPOUND = b"PK", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_SUFFIXES = {"xlsx": (".xlsx", ".xlsm", ".xltx", ".xltm"), "xlsb": (".xlsb",), "xls": (".xls",), "ods": (".ods",)}


def file_kind(content: bytes, suffix: str) -> FileKind:
    """Return what the content is; WorkbookRefusedError where it is nothing that can be read under this suffix."""
    if not content.strip():
        raise WorkbookRefusedError("it is empty; send it again")
    if suffix in TEXT_SUFFIXES:
        return _text_kind(content)
    if content.startswith(_ZIP):
        return _zip_kind(Archive(content))
    if content.startswith(_COMPOUND):
        if _ENCRYPTED in content:
            raise WorkbookRefusedError("it is protected by a password; save it without one")
        return "xls"
    if content.startswith(b"\x09\x08"):
        return "xls"
    start = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<head")):
        raise WorkbookRefusedError(f"it is an HTML page with the name of a workbook ({suffix}); save it as .xlsx")
    if start.startswith(b"<?xml"):
        raise WorkbookRefusedError(f"it is an XML file with the name of a workbook ({suffix}); save it as .xlsx")
    if b"\0" not in content[:4096]:
        raise WorkbookRefusedError(f"it is text with the name of a workbook ({suffix}); rename it to .csv")
    raise WorkbookRefusedError("it is no workbook that can be read (.xlsx .xlsm .xls .xlsb .ods); save it as .xlsx")


def name_note(kind: FileKind, suffix: str) -> str | None:
    """Return a remark where a workbook's suffix says something else than its content."""
    if kind == "text" or suffix in _SUFFIXES[kind]:
        return None
    return f"its name ends in {suffix}, its content is .{kind}, and was read as that"


def _text_kind(content: bytes) -> FileKind:
    if content.startswith((_ZIP + b"\x03\x04", _COMPOUND)):
        raise WorkbookRefusedError("it is a workbook with the name of a text file; rename it to what it is")
    return "text"


def _zip_kind(archive: Archive) -> FileKind:
    if archive.read("mimetype").startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
        return "ods"
    part = archive.main_part()
    if part.endswith(".bin"):
        return "xlsb"
    if part.endswith(".xml") and part in archive.names:
        return "xlsx"
    raise WorkbookRefusedError("it is a zip file without a workbook in it; send the workbook itself")
