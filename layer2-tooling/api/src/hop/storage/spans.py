"""A span for each query, when its request is being traced.

opentelemetry-instrumentation-sqlalchemy refuses SQLAlchemy 2.1 and then records nothing.
"""

from __future__ import annotations

from typing import Any

from opentelemetry import trace
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine


def trace_queries(engine: AsyncEngine, tracer: trace.Tracer) -> None:
    """Record each statement (its text has placeholders, never values) as a client span."""
    system = engine.dialect.name
    key = "hop_span"

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def _before(
        _connection: Any, _cursor: Any, statement: str, _values: Any, context: Any, _many: bool
    ) -> None:
        if context is None or not trace.get_current_span().is_recording():
            return
        operation = statement.split(None, 1)[0].upper()
        span = tracer.start_span(
            f"{operation} {system}",
            kind=trace.SpanKind.CLIENT,
            attributes={"db.system.name": system, "db.query.text": statement},
        )
        setattr(context, key, span)

    @event.listens_for(engine.sync_engine, "after_cursor_execute")
    def _after(
        _connection: Any, _cursor: Any, _statement: str, _values: Any, context: Any, _many: bool
    ) -> None:
        span = getattr(context, key, None)
        if span is not None:
            span.end()

    @event.listens_for(engine.sync_engine, "handle_error")
    def _failed(problem: Any) -> None:
        span = getattr(problem.execution_context, key, None)
        if span is not None:
            span.set_status(trace.StatusCode.ERROR, type(problem.original_exception).__name__)
            span.end()
