"""XML of a file that somebody sent: parsed without document types, entities or anything from outside."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, ParseError
from xml.parsers import expat

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from ingestion.workbook.limits import WorkbookRefusedError

_DOCUMENT_TYPE = "its XML declares a document type or entities, which no spreadsheet program writes; do not open it"


def read_tree(content: bytes, part: str) -> Element:
    """Return a small part as a tree; WorkbookRefusedError where it is broken or unsafe."""
    try:
        tree: Element = fromstring(content, forbid_dtd=True)
    except DefusedXmlException:
        raise WorkbookRefusedError(f"{part}: {_DOCUMENT_TYPE}") from None
    except (ParseError, ValueError, LookupError) as error:
        raise _broken(part, error) from None
    return tree


def refuse_document_type(content: bytes, part: str) -> None:
    """Raise WorkbookRefusedError where a part that another reader will parse declares a document type."""
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise WorkbookRefusedError(f"{part}: {_DOCUMENT_TYPE}")
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise WorkbookRefusedError(f"{part}: its XML is UTF-16, which no spreadsheet program writes; save it again")


def stream(content: bytes, part: str, handlers: Any) -> None:
    """Parse a large part, calling `handlers.start(name, attributes)`, `.end(name)` and, while it wants, `.text(data)`.

    Names are local (without prefix). `handlers` gets the parser as `handlers.parser`.
    """
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse(part)
    parser.StartElementHandler = handlers.start
    parser.EndElementHandler = handlers.end
    parser.buffer_text = True
    handlers.parser = parser
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise _broken(part, error) from None


def local(name: str) -> str:
    """Return a name without its prefix or namespace."""
    return name.rpartition("}")[2].rpartition(":")[2]


def _refuse(part: str) -> Any:
    def refuse(*_: object) -> None:
        raise WorkbookRefusedError(f"{part}: {_DOCUMENT_TYPE}")

    return refuse


def _broken(part: str, error: Exception) -> WorkbookRefusedError:
    return WorkbookRefusedError(f"{part} is damaged ({error}); save it again")
