"""A span for each query, when its request is being traced.

opentelemetry-instrumentation-sqlalchemy refuses SQLAlchemy 2.1 and then records nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from opentelemetry import trace
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

Follow = Callable[[AsyncConnection], None]


def untraced(_connection: AsyncConnection) -> None:
    """Follow no connection: nobody takes spans."""


def query_spans(engine: AsyncEngine, tracer: trace.Tracer) -> Follow:
    """Record statements (their texts have placeholders, never values) as client spans.

    Returns:
        What is to be called with each new connection. It listens there if the request is traced.
        A listener on the engine would cost every connection 20 us, and few requests are traced.
    """
    system = engine.dialect.name
    key = "hop_span"

    def before(
        _connection: Any, _cursor: Any, statement: str, _values: Any, context: Any, _many: bool
    ) -> None:
        if context is None:
            return
        operation = statement.split(None, 1)[0].upper()
        span = tracer.start_span(
            f"{operation} {system}",
            kind=trace.SpanKind.CLIENT,
            attributes={"db.system.name": system, "db.query.text": statement},
        )
        setattr(context, key, span)

    def after(
        _connection: Any, _cursor: Any, _statement: str, _values: Any, context: Any, _many: bool
    ) -> None:
        span = getattr(context, key, None)
        if span is not None:
            span.end()

    # One of the dialect's events: those of the engine are the dear ones.
    @event.listens_for(engine.sync_engine, "handle_error")
    def _failed(problem: Any) -> None:
        span = getattr(problem.execution_context, key, None)
        if span is not None:
            span.set_status(trace.StatusCode.ERROR, type(problem.original_exception).__name__)
            span.end()

    def follow(connection: AsyncConnection) -> None:
        if trace.get_current_span().is_recording():
            event.listen(connection.sync_connection, "before_cursor_execute", before)
            event.listen(connection.sync_connection, "after_cursor_execute", after)

    return follow
