"""Compound files: the container of .xls workbooks and of workbooks behind a password.

Version 3 with sectors of 512 bytes, up to two streams in the root storage. What does not belong here: what the
streams hold.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

_SECTOR, _MINI_SECTOR, _CUT_OFF = 512, 64, 4096
_END, _FREE, _FAT_SECTOR, _NOBODY = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFF
_ROOT, _STREAM = 5, 2
_MOST_ENTRIES = _SECTOR // 4


def compound_file(streams: Mapping[str, bytes]) -> bytes:
    """Return a compound file with these streams, at most two."""
    small = {name: content for name, content in streams.items() if len(content) < _CUT_OFF}
    mini_fat, mini_starts = _chains([len(_padded(c, _MINI_SECTOR)) // _MINI_SECTOR for c in small.values()])
    container = b"".join(_padded(content, _MINI_SECTOR) for content in small.values())
    large = {name: content for name, content in streams.items() if name not in small}
    # the directory is one sector: a root and two streams are three of its four entries
    parts = [
        bytes(_SECTOR),
        _table(mini_fat),
        _padded(container, _SECTOR),
        *(_padded(c, _SECTOR) for c in large.values()),
    ]
    fat, starts = _chains([len(part) // _SECTOR for part in parts])
    if len(fat) + 1 > _MOST_ENTRIES:
        raise ValueError(f"The streams need {len(fat)} sectors; this writer gives {_MOST_ENTRIES - 1} at most.")
    where = dict(zip(small, mini_starts, strict=True)) | dict(zip(large, starts[3:], strict=True))
    parts[0] = _directory(streams, where, starts[2], len(container))
    header = _header(len(fat), starts[1], len(parts[1]) // _SECTOR)
    return header + b"".join(parts) + _table([*fat, _FAT_SECTOR])


def _header(fat_sector: int, mini_fat_start: int, mini_fat_sectors: int) -> bytes:
    start = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    counts = struct.pack("<IIIIIIIII", 0, 1, 0, 0, _CUT_OFF, mini_fat_start, mini_fat_sectors, _END, 0)
    return start + counts + struct.pack("<I", fat_sector) + struct.pack("<I", _FREE) * 108


def _directory(streams: Mapping[str, bytes], where: Mapping[str, int], container: int, size: int) -> bytes:
    """Root and streams; siblings are in the order of their names' lengths, then of their letters."""
    ordered = sorted(streams, key=lambda name: (len(name), name.upper()))
    entries = [_entry("Root Entry", _ROOT, _NOBODY, 1, container, size)]
    for number, name in enumerate(ordered, start=1):
        right = number + 1 if number < len(ordered) else _NOBODY
        entries.append(_entry(name, _STREAM, right, _NOBODY, where[name], len(streams[name])))
    empty = bytes(64) + struct.pack("<HBBIII48x", 0, 0, 0, _NOBODY, _NOBODY, _NOBODY)
    return b"".join([*entries, *[empty] * (_SECTOR // len(empty) - len(entries))])


def _entry(name: str, kind: int, right: int, child: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    links = struct.pack("<HBBIII", len(text), kind, 1, _NOBODY, right, child)
    return text.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", start, size)


def _chains(lengths: list[int]) -> tuple[list[int], list[int]]:
    """Return the table of next sectors for parts of these lengths, one behind the other, and where each begins."""
    table: list[int] = []
    starts: list[int] = []
    for length in lengths:
        starts.append(len(table) if length else _END)
        table += [*range(len(table) + 1, len(table) + length), _END] if length else []
    return table, starts


def _table(entries: list[int]) -> bytes:
    content = struct.pack(f"<{len(entries)}I", *entries)
    return content + b"\xff" * (-len(content) % _SECTOR)


def _padded(content: bytes, size: int) -> bytes:
    return content + bytes(-len(content) % size)
