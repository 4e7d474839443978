"""agno's own OpenAI model over HTTP, against an endpoint on this machine: what the provider is sent before and after a
pause is one conversation, in which every call has its result."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from agno.agent import Agent
from agno.models.openai import OpenAIChat
from agno.workflow import Step, Workflow

from agno_temporal.hitl import ToolAnswer
from tests.running.executor_scenes import answers
from tests.support import Bench
from tests.tool_script import drop

CALLS = [
    {"id": f"call_{table}", "type": "function", "function": {"name": "drop", "arguments": json.dumps({"table": table})}}
    for table in ("users", "logs")
]


class Endpoint(ThreadingHTTPServer):
    """Asks for both tables to be dropped, and then says what came of it. Keeps what it was sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[Any] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def answer(self, request: Any) -> dict[str, Any]:
        self.requests.append(request)
        results = [message["content"] for message in request["messages"] if message["role"] == "tool"]
        if results:
            return {"role": "assistant", "content": " | ".join(results)}
        return {"role": "assistant", "content": None, "tool_calls": CALLS}


class _Handler(BaseHTTPRequestHandler):
    server: Endpoint

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        message = self.server.answer(request)
        reason = "tool_calls" if message.get("tool_calls") else "stop"
        body = {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": request["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": reason}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
        }
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def workflow(endpoint: Endpoint) -> Workflow:
    model = OpenAIChat(id="gpt-5-mini", api_key="none", base_url=endpoint.url)
    agent = Agent(name="Ops", model=model, tools=[drop], telemetry=False)
    return Workflow(name="http", steps=[Step(name="ops", agent=agent)])


async def test_the_conversation_goes_on_in_another_worker(bench: Bench, endpoint: Endpoint) -> None:
    async with bench.worker(workflow(endpoint)):
        run_id = await bench.start(workflow(endpoint), "drop both")
        [asked] = await bench.paused(run_id)
    async with bench.worker(workflow(endpoint)):
        given = [ToolAnswer(confirmed=True), ToolAnswer(confirmed=False, note="keep it")]
        await bench.runs.decide(run_id, answers(asked, *given))
        await bench.ended(run_id)
        run = await bench.runs.run_output(run_id)

    assert [tool.id for tool in asked.requirement.tools] == ["call_users", "call_logs"]
    assert run.content == "dropped users | keep it"
    _, after = endpoint.requests
    [user, assistant, *results] = [message for message in after["messages"] if message["role"] != "system"]
    assert (user["role"], user["content"]) == ("user", "drop both")
    assert [call["id"] for call in assistant["tool_calls"]] == ["call_users", "call_logs"]
    assert [(one["role"], one["tool_call_id"]) for one in results] == [("tool", "call_users"), ("tool", "call_logs")]
