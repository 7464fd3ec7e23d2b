"""The command line itself: its help, and how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

from click.testing import CliRunner

from orchestration.cli import main
from orchestration.settings import PROJECT_ROOT

WAITING = """
import signal, sys
from orchestration.cli import _until_interrupted
signal.signal(signal.SIGINT, signal.default_int_handler)
print("up", flush=True)
sys.exit(_until_interrupted([sys.executable, "-c", "import time; time.sleep(60)"], {}))
"""


def test_no_command_is_summed_up_by_half_an_example() -> None:
    summary = CliRunner().invoke(main, ["--help"]).output
    assert "e.g." not in summary
    assert "Ask the served release in SQL." in summary


def test_an_interrupt_ends_what_was_started_without_an_error() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WAITING],
        cwd=PROJECT_ROOT, start_new_session=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        time.sleep(1)
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "saleswh" not in said
