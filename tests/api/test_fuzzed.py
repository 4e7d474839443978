"""Whatever is sent: no error of the server's, and each refusal a problem.

Requests are drawn from the published description, well-formed and not, by Schemathesis; always the same ones. That
all of the well-formed are accepted is not asked: no description says which text is a cursor.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from agno.db.postgres import PostgresDb
from agno.db.sqlite import SqliteDb
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.api.live import live
from tests.api.served import release
from tests.api.test_openapi import ROUTES
from tests.postgres import PostgresServer, new_schema

CALM = settings(
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def published(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    db = SqliteDb(db_file=str(tmp_path_factory.mktemp("fuzzed") / "agno.db"))
    with live(server, [release(db)]) as address:
        yield schemathesis.openapi.from_url(f"{address}/openapi.json")


@pytest.fixture(scope="module")
def published_on_postgres(server: str, postgres: PostgresServer) -> Iterator[Any]:
    """PostgreSQL refuses texts that SQLite keeps."""
    db = PostgresDb(db_url=postgres.url, db_schema=new_schema())
    with live(server, [release(db)]) as address:
        yield schemathesis.openapi.from_url(f"{address}/openapi.json")
    db.db_engine.dispose()


@schemathesis.check
def every_refusal_is_a_problem(ctx: Any, response: Any, case: Any) -> None:
    if response.status_code >= 400:
        assert response.headers["content-type"][0] == "application/problem+json", response.text
        assert {"type", "title", "status", "detail", "instance"} <= response.json().keys()


def answered(published: Any, operation_id: str, mode: GenerationMode, examples: int) -> None:
    operation = published.find_operation_by_id(operation_id)
    if mode is GenerationMode.NEGATIVE and not operation.body and not list(operation.iter_parameters()):
        pytest.skip("takes nothing that could be wrong")

    @seed(20)
    @settings(CALM, max_examples=examples)
    @given(case=operation.as_strategy(generation_mode=mode))
    def each(case: Any) -> None:
        if case.query and "wait" in case.query:
            case.query = {**case.query, "wait": 0}
        case.call_and_validate(timeout=60, excluded_checks=[positive_data_acceptance])

    each()


modes = pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
operations = pytest.mark.parametrize("operation_id", ROUTES.values())


@operations
@modes
def test_what_is_drawn_is_answered(published: Any, operation_id: str, mode: GenerationMode) -> None:
    answered(published, operation_id, mode, 3)


@pytest.mark.slow
@operations
@modes
def test_much_that_is_drawn_is_answered(published_on_postgres: Any, operation_id: str, mode: GenerationMode) -> None:
    answered(published_on_postgres, operation_id, mode, 12)
