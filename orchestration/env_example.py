"""`.env.example` as the settings describe themselves: `python -m orchestration.env_example > .env.example`.

What belongs here: rendering. What does not: the settings (`settings.py`).
"""

from __future__ import annotations

import json
import sys
from textwrap import wrap

from pydantic import SecretStr

from orchestration.settings import Settings

_HEADER = """\
# Settings of Sales Warehouse. Copy to .env and change what differs; every value below is the default.
# To leave the demo, name an environment of your own and the addresses of your systems.
"""


def render() -> str:
    """Every setting with its description and default, in the order of the class."""
    blocks = [_block(name) for name in Settings.model_fields]
    return "\n".join([_HEADER, *blocks])


def _block(name: str) -> str:
    field = Settings.model_fields[name]
    comment = "\n".join(f"# {line}" for line in wrap(field.description or "", 110))
    return f"{comment}\n# SALESWH_{name.upper()}={_text(field.default)}\n"


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ",".join(str(item) for item in value)
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, dict):
        return json.dumps(value, default=str)
    return str(value)


if __name__ == "__main__":
    sys.stdout.write(render())
