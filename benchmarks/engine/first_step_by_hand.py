"""One step."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from benchmarks.engine.by_hand import OPTIONS


@workflow.defn(name="first")
class First:
    """The job."""

    @workflow.run
    async def run(self, request: dict[str, str]) -> str:
        said: str = await workflow.execute_activity("say", request.get("input"), **OPTIONS)
        return said
