"""The notification hook: found by its address, or refused with a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestration.notify import find_hook, notify
from orchestration.settings import Settings


def test_default_hook_writes_one_line_per_notification(tmp_path: Path) -> None:
    settings = Settings(var_dir=tmp_path, environment="odd_env")
    notify(settings, "full failed", "Run 1: the ERP is down.")
    notify(settings, "full failed", "Run 2: the ERP is down.")
    lines = (tmp_path / "odd_env" / "notifications.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["message"] for line in lines] == ["Run 1: the ERP is down.", "Run 2: the ERP is down."]


@pytest.mark.parametrize("address", ["nowhere:notify", "orchestration.notify:missing", "no-colon", ""])
def test_wrong_hook_is_one_sentence(address: str) -> None:
    with pytest.raises(ValueError, match="expected `module:function` that can be imported"):
        find_hook(address)
