"""What is read of a file, and how: its name, its sheets, and for a text its encoding and delimiter."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePath


@dataclass(frozen=True)
class Options:
    """How to read one file; patterns of sheet names are globs in any case, `exclude` counts where nothing is included.

    Without a `delimiter` it is guessed.
    """

    name: str
    encoding: str = "utf-8"
    delimiter: str | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    @property
    def suffix(self) -> str:
        """The name's suffix in small letters."""
        return PurePath(self.name).suffix.lower()

    @property
    def stem(self) -> str:
        """The name without its suffix: what the only sheet of a text is called."""
        return PurePath(self.name).stem

    def reads(self, sheet: str) -> bool:
        """Return whether the sheet of that name is read."""
        if self.include:
            return _fits(sheet, self.include)
        return not _fits(sheet, self.exclude)


def _fits(sheet: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(sheet.casefold(), pattern.casefold()) for pattern in patterns)
