"""Starting and stopping the demo company's HubSpot portal, on a loopback port, in a thread or a process of its own.

    python -m demo.systems.hubspot_server --folder var/demo/demo --port 8098

What does not belong here: what is answered.
"""

from __future__ import annotations

import argparse
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType

import uvicorn
from starlette.applications import Starlette

from demo.systems.company_clock import read_clock
from demo.systems.errors import DemoError
from demo.systems.faults import FaultPlan
from demo.systems.hubspot_api import TOKEN, HubspotApi
from demo.systems.hubspot_portal import Portal

HOST = "127.0.0.1"
_STOP_SECONDS = 10


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
        listener = _listen(self._port)
        server = _server(self._app)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True, name="demo-hubspot")
        thread.start()

        def stop() -> None:
            server.should_exit = True
            thread.join(_STOP_SECONDS)
            listener.close()

        self._running = RunningPortal(_url(listener), TOKEN, stop)
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
    options = json.dumps(asdict(faults or FaultPlan.usual()))
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "demo.systems.hubspot_server", "--folder", str(folder.resolve())),
            *("--port", str(port), "--faults", options, "--until-stdin-closes"),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    first_line = process.stdout.readline().strip() if process.stdout else ""
    if not first_line.startswith("http://"):
        process.communicate()
        raise DemoError(f"The demo portal did not start: {first_line or 'it ended without a word.'}")

    def stop() -> None:
        if process.poll() is None:
            process.communicate(timeout=_STOP_SECONDS)

    return RunningPortal(first_line, TOKEN, stop)


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted; the first line printed is the address, or why there is none."""
    parser = argparse.ArgumentParser(description="Serve the demo company's CRM as a HubSpot portal.")
    parser.add_argument("--folder", type=Path, required=True, help="folder of the demo company")
    parser.add_argument("--port", type=int, default=0, help="port; 0 takes a free one")
    parser.add_argument("--faults", default="{}", help="JSON of the fields of FaultPlan that differ from its defaults")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end when the standard input ends")
    options = parser.parse_args(arguments)
    try:
        server = _server(portal_app(options.folder, _plan(options.faults)))
        listener = _listen(options.port)
    except DemoError as problem:
        print(problem, flush=True)
        return 1
    if options.until_stdin_closes:
        threading.Thread(target=partial(_stop_at_end_of_input, server), daemon=True).start()
    print(_url(listener), flush=True)
    server.run(sockets=[listener])
    return 0


def _plan(options: str) -> FaultPlan:
    """The plan that the JSON text describes; JSON knows no numbers as keys."""
    values = json.loads(options)
    numbered = {name: {int(k): v for k, v in values[name].items()} for name in ("every", "at") if name in values}
    return FaultPlan(**(values | numbered))


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as problem:
        listener.close()
        raise DemoError(f"Port {port} on {HOST} cannot be used for the demo portal: {problem.strerror}.") from problem
    listener.listen(64)
    return listener


def _server(app: Starlette) -> uvicorn.Server:
    config = uvicorn.Config(app, log_level="critical", access_log=False, lifespan="off", timeout_graceful_shutdown=2)
    return uvicorn.Server(config)


def _url(listener: socket.socket) -> str:
    return f"http://{HOST}:{listener.getsockname()[1]}"


def _stop_at_end_of_input(server: uvicorn.Server) -> None:
    sys.stdin.read()
    server.should_exit = True


if __name__ == "__main__":
    raise SystemExit(main())
