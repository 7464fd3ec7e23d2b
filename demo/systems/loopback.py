"""Serving a web application on a loopback port: in a thread, in a process of its own, or here until interrupted.

What belongs here: ports, threads and processes, alike for every system of the demo company. What does not: what is
answered, and the command line of each server.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import uvicorn

from demo.systems.errors import DemoError
from demo.systems.faults import FaultPlan

HOST = "127.0.0.1"
_STOP_SECONDS = 10

Application = Any
"""An ASGI application."""


def serve_in_thread(app: Application, port: int, what: str) -> tuple[str, Callable[[], None]]:
    """Serve in a thread of this process; return the address, and what stops it (twice is harmless).

    Port 0 takes a free one. DemoError, naming the server by `what`, if the port is taken.
    """
    listener = _listen(port, what)
    server = _server(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True, name=what)
    thread.start()

    def stop() -> None:
        server.should_exit = True
        thread.join(_STOP_SECONDS)
        listener.close()

    return _url(listener), stop


def serve_in_process(
    module: str, folder: Path, port: int, faults: FaultPlan, what: str
) -> tuple[str, Callable[[], None]]:
    """Run the server `module` for the company in `folder`; return as `serve_in_thread` does.

    The process ends when it is stopped, or when this process ends. DemoError with what it said if it does not start.
    """
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", module, "--folder", str(folder.resolve()), "--port", str(port)),
            *("--faults", faults.to_json(), "--until-stdin-closes"),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    first_line = process.stdout.readline().strip() if process.stdout else ""
    if not first_line.startswith("http://"):
        process.communicate()
        raise DemoError(f"The {what} did not start: {first_line or 'it ended without a word.'}")

    def stop() -> None:
        if process.poll() is None:
            process.communicate(timeout=_STOP_SECONDS)

    return first_line, stop


def serve_here(app: Application, port: int, what: str, *, until_stdin_closes: bool) -> None:
    """Print the address and serve until interrupted, or until the standard input ends; DemoError as in a thread."""
    listener = _listen(port, what)
    server = _server(app)
    if until_stdin_closes:
        threading.Thread(target=_stop_at_end_of_input, args=(server,), daemon=True).start()
    print(_url(listener), flush=True)
    with suppress(KeyboardInterrupt):
        server.run(sockets=[listener])


def _listen(port: int, what: str) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as problem:
        listener.close()
        raise DemoError(f"Port {port} on {HOST} cannot be used for the {what}: {problem.strerror}.") from problem
    listener.listen(64)
    return listener


def _server(app: Application) -> uvicorn.Server:
    # Planned faults break connections off; that is no news worth printing.
    return uvicorn.Server(
        uvicorn.Config(app, log_level="critical", access_log=False, lifespan="off", timeout_graceful_shutdown=2)
    )


def _url(listener: socket.socket) -> str:
    return f"http://{HOST}:{listener.getsockname()[1]}"


def _stop_at_end_of_input(server: uvicorn.Server) -> None:
    sys.stdin.read()
    server.should_exit = True
