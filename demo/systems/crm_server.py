"""Starting and stopping the demo CRM, on a loopback port, in a thread or in a process of its own.

    python -m demo.systems.crm_server --folder var/demo/demo --port 8099

`start_crm_server` uses a process, so that serving does not compete with loading for one interpreter;
`CrmServer` uses a thread, which tests start faster. Both follow `evolve` while running: they read the company's
clock at each request. What does not belong here: what is answered.
"""

from __future__ import annotations

import argparse
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

import uvicorn

from demo.systems.company_clock import read_clock
from demo.systems.crm_api import CrmApi
from demo.systems.crm_auth import CLIENT_ID, CLIENT_SECRET
from demo.systems.crm_faults import CrmFaults
from demo.systems.errors import DemoError

HOST = "127.0.0.1"
_STOP_SECONDS = 10


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
        listener = _listen(self._port)
        server = _server(self._folder, self._faults)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True, name="demo-crm")
        thread.start()

        def stop() -> None:
            server.should_exit = True
            thread.join(_STOP_SECONDS)
            listener.close()

        self._running = RunningServer(_url(listener), CLIENT_ID, CLIENT_SECRET, stop)
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
    options = (faults or CrmFaults.usual()).to_json()
    command = [sys.executable, "-m", "demo.systems.crm_server", "--folder", str(folder.resolve()), "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--faults", options, "--until-stdin-closes"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    first_line = process.stdout.readline().strip() if process.stdout else ""
    if not first_line.startswith("http://"):
        process.communicate()
        raise DemoError(f"The demo CRM did not start: {first_line or 'it ended without a word.'}")

    def stop() -> None:
        if process.poll() is None:
            process.communicate(timeout=_STOP_SECONDS)

    return RunningServer(first_line, CLIENT_ID, CLIENT_SECRET, stop)


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted; the first line printed is the address, or why there is none."""
    options = _arguments(arguments)
    try:
        read_clock(options.folder)
        listener = _listen(options.port)
    except DemoError as problem:
        print(problem, flush=True)
        return 1
    server = _server(options.folder, CrmFaults.from_json(options.faults))
    if options.until_stdin_closes:
        threading.Thread(target=_stop_at_end_of_input, args=(server,), daemon=True).start()
    print(_url(listener), flush=True)
    server.run(sockets=[listener])
    return 0


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Serve the demo company's CRM on a loopback port.")
    parser.add_argument("--folder", type=Path, required=True, help="folder of the demo company")
    parser.add_argument("--port", type=int, default=0, help="port; 0 takes a free one")
    usual = CrmFaults.usual().to_json()
    parser.add_argument("--faults", default=usual, help="JSON of the plan of faults; {} for none, by default the usual")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end when the standard input ends")
    return parser.parse_args(arguments)


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as problem:
        listener.close()
        raise DemoError(f"Port {port} on {HOST} cannot be used for the demo CRM: {problem.strerror}.") from problem
    listener.listen(64)
    return listener


def _server(folder: Path, faults: CrmFaults) -> uvicorn.Server:
    app = CrmApi(folder, faults).app()
    config = uvicorn.Config(app, log_level="error", access_log=False, lifespan="off", timeout_graceful_shutdown=2)
    return uvicorn.Server(config)


def _url(listener: socket.socket) -> str:
    return f"http://{HOST}:{listener.getsockname()[1]}"


def _stop_at_end_of_input(server: uvicorn.Server) -> None:
    sys.stdin.read()
    server.should_exit = True


if __name__ == "__main__":
    raise SystemExit(main())
