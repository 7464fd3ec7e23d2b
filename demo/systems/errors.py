"""Errors of the demo company's systems that a user can mend; each message is a sentence."""

from __future__ import annotations


class DemoError(ValueError):
    """The demo company cannot be created, read or moved as asked; the message says why and what to do."""
