"""What may pass is asked for again, at most six times, after the wait that the server names."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from ingestion.errors import IngestionError
from ingestion.http import Requester, UnusableAnswerError

Answer = tuple[int, Any] | tuple[int, Any, dict[str, str]] | Exception
DATED = {"Retry-After": "Thu, 29 Feb 2024 23:59:59 GMT", "Date": "Thu, 29 Feb 2024 23:59:46 GMT"}


class Server:
    """Gives its answers one after the other, the last one for ever; waits are noted instead of slept."""

    def __init__(self, *answers: Answer, **options: Any) -> None:
        self.answers, self.asked, self.waits = list(answers), 0, []
        settings = {"max_wait_seconds": 60.0, "sleep": self.waits.append, **options}
        self.requester = Requester("Shop at https://me:canary@shop.example", **settings)

    def send(self) -> requests.Response:
        answer = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        if isinstance(answer, Exception):
            raise answer
        response = requests.Response()
        response.status_code, body = answer[:2]
        response._content = (body if isinstance(body, str) else json.dumps(body)).encode()
        response.headers.update(answer[2] if len(answer) == 3 else {})
        return response

    def ask(self, **how: Any) -> Any:
        return self.requester.ask(self.send, "/orders", **how)


@pytest.mark.parametrize(
    ("fault", "waits"),
    [
        ((429, {}, {"Retry-After": "7"}), [7.0]),
        ((429, {}, {"Retry-After": "1.5"}), [1.5]),
        ((503, "down", DATED), [13.0]),
        ((429, {}), [0.5]),
        ((500, "<h1>sorry</h1>"), [0.5]),
        ((502, ""), [0.5]),
        ((200, '{"results": [{"id": "1"'), [0.5]),
        ((200, "<!doctype html><title>Log in</title>"), [0.5]),
        (requests.Timeout("slow"), [0.5]),
        (requests.ConnectionError("reset"), [0.5]),
        (requests.exceptions.ChunkedEncodingError("cut off"), [0.5]),
    ],
)
def test_what_may_pass_is_asked_for_again(fault: Answer, waits: list[float]) -> None:
    server = Server(fault, (200, {"n": 1}))
    assert (server.ask(), server.asked, server.waits) == ({"n": 1}, 2, waits)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ((503, ""), "status 503"),
        ((200, "<html>"), "a web page came where JSON was expected"),
        ((200, '{"n":'), "the answer is not whole JSON"),
        (requests.ConnectionError("reset"), r"no whole answer \(ConnectionError\)"),
    ],
)
def test_six_attempts_then_one_sentence(fault: Answer, words: str) -> None:
    server = Server(fault)
    with pytest.raises(IngestionError, match=rf"^Shop at \S+ did not answer /orders: {words}; check") as caught:
        server.ask()
    assert (server.asked, server.waits) == (6, [0.5, 1.0, 2.0, 4.0, 8.0])
    assert "canary" not in str(caught.value)


def test_a_wait_beyond_the_longest_ends_the_load_at_once() -> None:
    server = Server((429, {}, {"Retry-After": "86400"}))
    with pytest.raises(IngestionError, match="asks to wait 86400 s before /orders"):
        server.ask()
    assert (server.asked, server.waits) == (1, [])


def test_a_refusal_is_final() -> None:
    server = Server((403, {}))
    with pytest.raises(IngestionError, match="status 403"):
        server.ask()
    assert server.asked == 1
    assert Server((404, {})).ask(missing_ok=True) is None


def test_a_token_is_renewed_once_and_without_waiting() -> None:
    renewed: list[int] = []
    server = Server((401, {}), (200, {"n": 1}))
    assert server.ask(renew=lambda: renewed.append(1)) == {"n": 1}
    assert (renewed, server.waits) == ([1], [])
    server = Server((401, {}))
    with pytest.raises(IngestionError, match="status 401"):
        server.ask(renew=lambda: renewed.append(1))
    assert (server.asked, renewed) == (2, [1, 1])


def test_the_system_reads_its_own_waits_and_answers() -> None:
    def whole(response: requests.Response) -> Any:
        if "error" in response.json():
            raise UnusableAnswerError("an error came with status 200")
        return response.json()["n"]

    server = Server((200, {"error": "busy"}), (429, {}), (200, {"n": 3}), wait=lambda _response: 10.0)
    assert server.ask(read=whole) == 3
    assert server.waits == [0.5, 10.0]
