"""Starting and stopping the demo CRM, on a loopback port, in a thread or in a process of its own.

    python -m demo.systems.crm_server --folder var/demo/demo --port 8099

`start_crm_server` uses a process, so that serving does not compete with loading for one interpreter;
`CrmServer` uses a thread, which tests start faster. Both follow `evolve` while running: they read the company's
clock at each request. What does not belong here: what is answered.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from demo.systems.company_clock import read_clock
from demo.systems.crm_api import CrmApi
from demo.systems.crm_auth import CLIENT_ID, CLIENT_SECRET
from demo.systems.crm_faults import CrmFaults
from demo.systems.errors import DemoError
from demo.systems.loopback import serve_here, serve_in_process, serve_in_thread

WHAT = "demo CRM"


@dataclass(frozen=True)
class RunningServer:
    """A CRM that answers at `url` until `stop` is called."""

    url: str
    client_id: str
    client_secret: str
    _stop: Callable[[], None] = field(repr=False)

    def stop(self) -> None:
        """End the server and wait until its port is free; doing it twice is harmless."""
        self._stop()


class CrmServer:
    """A CRM in a thread of this process: ``with CrmServer(folder) as crm: crm.url``."""

    def __init__(self, folder: Path, *, port: int = 0, faults: CrmFaults | None = None) -> None:
        self._folder = folder
        self._port = port
        self._faults = faults or CrmFaults.usual()
        self._running: RunningServer | None = None

    def __enter__(self) -> RunningServer:
        read_clock(self._folder)
        url, stop = serve_in_thread(CrmApi(self._folder, self._faults).app(), self._port, WHAT)
        self._running = RunningServer(url, CLIENT_ID, CLIENT_SECRET, stop)
        return self._running

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._running is not None:
            self._running.stop()


def start_crm_server(folder: Path, port: int = 0, faults: CrmFaults | None = None) -> RunningServer:
    """Start the CRM of the company in `folder` in a process of its own; port 0 takes a free one.

    The process ends with `stop()`, or when this process ends. DemoError if there is no company or
    the process does not start, with what it said.
    """
    read_clock(folder)
    plan = faults or CrmFaults.usual()
    url, stop = serve_in_process("demo.systems.crm_server", folder, port, plan, WHAT)
    return RunningServer(url, CLIENT_ID, CLIENT_SECRET, stop)


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted; the first line printed is the address, or why there is none."""
    options = _arguments(arguments)
    try:
        read_clock(options.folder)
        app = CrmApi(options.folder, CrmFaults.from_json(options.faults)).app()
        serve_here(app, options.port, WHAT, until_stdin_closes=options.until_stdin_closes)
    except DemoError as problem:
        print(problem, flush=True)
        return 1
    return 0


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Serve the demo company's CRM on a loopback port.")
    parser.add_argument("--folder", type=Path, required=True, help="folder of the demo company")
    parser.add_argument("--port", type=int, default=0, help="port; 0 takes a free one")
    usual = CrmFaults.usual().to_json()
    parser.add_argument("--faults", default=usual, help="JSON of the plan of faults; {} for none, by default the usual")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end when the standard input ends")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
