"""agno's own AgentOS with durable workflows: ``python -m examples.agentos_app``, then http://127.0.0.1:7777/docs.

Any client of AgentOS works with it: agno's `AgentOSClient` and `RemoteWorkflow`, its UI, a WebSocket, and an MCP client
where the extra `mcp` is installed.
The server and the worker live in this process; in production the worker is one of its own, and so is Temporal.
"""

from __future__ import annotations

from importlib.util import find_spec

from agno.db.sqlite import SqliteDb
from agno.os import AgentOS
from fastapi import FastAPI

from agno_temporal import DurableWorkflow, embedded
from agno_temporal.api.agentos import AgentOSAccess
from agno_temporal.api.router import create_router
from agno_temporal.api.service import new_service
from examples.content_pipeline import make_content_review, make_data_pipeline


def agent_os(workflows: list[DurableWorkflow], db: SqliteDb) -> FastAPI:
    """AgentOS' app; with our own routes under ``/v1``, for what agno's cannot say."""
    first = workflows[0]
    base = FastAPI()
    base.include_router(
        create_router(new_service(workflows, first.client, task_queue=first.task_queue, access=AgentOSAccess()))
    )
    has_mcp = find_spec("fastmcp") is not None
    return AgentOS(workflows=workflows, db=db, base_app=base, telemetry=False, mcp=has_mcp).get_app()


def main() -> None:
    import uvicorn

    db = SqliteDb(db_file="agentos.db")
    with embedded(database="agentos-temporal.db") as runtime:
        workflows = [runtime.durable(make(db)) for make in (make_data_pipeline, make_content_review)]
        uvicorn.run(agent_os(workflows, db), host="127.0.0.1", port=7777)


if __name__ == "__main__":
    main()
