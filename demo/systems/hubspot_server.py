"""Starting and stopping the demo company's HubSpot portal, on a loopback port, in a thread or a process of its own.

    python -m demo.systems.hubspot_server --folder var/demo/demo --port 8098

What does not belong here: what is answered.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from starlette.applications import Starlette

from demo.systems.company_clock import read_clock
from demo.systems.errors import DemoError
from demo.systems.faults import FaultPlan
from demo.systems.hubspot_api import TOKEN, HubspotApi
from demo.systems.hubspot_portal import Portal
from demo.systems.loopback import serve_here, serve_in_process, serve_in_thread

WHAT = "demo portal"


@dataclass(frozen=True)
class RunningPortal:
    """A portal that answers at `url` to `token` until `stop` is called."""

    url: str
    token: str
    _stop: Callable[[], None] = field(repr=False)

    def stop(self) -> None:
        """End the server and wait until its port is free; doing it twice is harmless."""
        self._stop()


class HubspotServer:
    """A portal in a thread of this process: ``with HubspotServer(portal_app(folder)) as portal: portal.url``."""

    def __init__(self, app: Starlette, *, port: int = 0) -> None:
        self._app, self._port = app, port
        self._running: RunningPortal | None = None

    def __enter__(self) -> RunningPortal:
        url, stop = serve_in_thread(self._app, self._port, WHAT)
        self._running = RunningPortal(url, TOKEN, stop)
        return self._running

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._running is not None:
            self._running.stop()


def portal_app(folder: Path, faults: FaultPlan | None = None) -> Starlette:
    """The application that shows the company in `folder`; DemoError if there is none."""
    read_clock(folder)
    return HubspotApi(Portal(folder), lambda: read_clock(folder).now, faults or FaultPlan.usual()).app()


def start_hubspot_server(folder: Path, port: int = 0, faults: FaultPlan | None = None) -> RunningPortal:
    """Start the portal of the company in `folder` in a process of its own; port 0 takes a free one.

    The process ends with `stop()`, or when this process ends. DemoError if there is no company or the process does
    not start, with what it said.
    """
    read_clock(folder)
    plan = faults or FaultPlan.usual()
    url, stop = serve_in_process("demo.systems.hubspot_server", folder, port, plan, WHAT)
    return RunningPortal(url, TOKEN, stop)


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted; the first line printed is the address, or why there is none."""
    parser = argparse.ArgumentParser(description="Serve the demo company's CRM as a HubSpot portal.")
    parser.add_argument("--folder", type=Path, required=True, help="folder of the demo company")
    parser.add_argument("--port", type=int, default=0, help="port; 0 takes a free one")
    parser.add_argument("--faults", default="{}", help="JSON of the fields of FaultPlan that differ from its defaults")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end when the standard input ends")
    options = parser.parse_args(arguments)
    try:
        app = portal_app(options.folder, FaultPlan.from_json(options.faults))
        serve_here(app, options.port, WHAT, until_stdin_closes=options.until_stdin_closes)
    except DemoError as problem:
        print(problem, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
