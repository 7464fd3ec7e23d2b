"""Making a workbook's bytes depend on nothing but its content.

A workbook is a zip file; how it is compressed differs between builds of zlib, and entries carry times. What does
not belong here: what is in the workbook.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping

_EPOCH = (1980, 1, 1, 0, 0, 0)


Changes = Mapping[str, Callable[[bytes], bytes]]


def canonical(workbook: bytes, changes: Changes | None = None) -> bytes:
    """The same workbook with its parts stored uncompressed, in their order, at the zip format's first moment.

    `changes` rewrites parts by name.
    """
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for entry in source.infolist():
            stored = zipfile.ZipInfo(entry.filename, _EPOCH)
            stored.create_system = 0
            change = (changes or {}).get(entry.filename, bytes)
            archive.writestr(stored, change(source.read(entry)))
    return target.getvalue()
