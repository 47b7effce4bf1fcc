"""Traces: the SDK is configured by the standard OTEL_* variables."""

from __future__ import annotations

import os
import random
import re
from typing import TYPE_CHECKING

from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from hop.errors import SettingsError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter

DEFAULT_SHARE = 0.01
ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
NO_TRACE, NO_SPAN = "0" * 32, "0" * 16


def share_from_environment() -> float:
    """The share of requests to sample, from OTEL_TRACES_SAMPLER and its _ARG.

    Raises:
        SettingsError: the variables say something hop does not understand.
    """
    sampler = os.environ.get("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
    name = sampler.removeprefix("parentbased_")
    if name in ("always_on", "always_off"):
        return 1.0 if name == "always_on" else 0.0
    argument = os.environ.get("OTEL_TRACES_SAMPLER_ARG") or str(DEFAULT_SHARE)
    try:
        share = float(argument)
    except ValueError:
        share = -1.0
    if name != "traceidratio":
        raise SettingsError(f"OTEL_TRACES_SAMPLER: {sampler} is not supported")
    if not 0 <= share <= 1:
        raise SettingsError("OTEL_TRACES_SAMPLER_ARG: want a share from 0 to 1")
    return share


def provider_from_environment(*, version: str, release: str) -> TracerProvider | None:
    """A provider, or None when spans have nowhere to go.

    Raises:
        SettingsError: OTEL_TRACES_EXPORTER names an exporter hop does not have.
    """
    fallback = "otlp" if any(os.environ.get(name) for name in ENDPOINTS) else "none"
    exporter = os.environ.get("OTEL_TRACES_EXPORTER") or fallback
    if exporter == "none" or os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return None
    if exporter not in ("otlp", "console"):
        raise SettingsError(f"OTEL_TRACES_EXPORTER: {exporter} is not supported; otlp or console")
    # Here, because most starts trace nothing.
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter
    from opentelemetry.sdk.trace.sampling import ALWAYS_ON

    name = os.environ.get("OTEL_SERVICE_NAME", "hop")
    resource = Resource.create(
        {"service.name": name, "service.version": version, "hop.release": release}
    )
    provider = TracerProvider(resource=resource, sampler=ALWAYS_ON)  # `Sampler` has decided
    sink = ConsoleSpanExporter() if exporter == "console" else _otlp()
    provider.add_span_processor(BatchSpanProcessor(sink))
    return provider


def _otlp() -> SpanExporter:
    # Brings requests and protobuf, which the console does without.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter()


class Sampler:
    """Decides before a span exists, since most requests need none.

    Args:
        tracer: starts spans; None records none.
        share: of the requests without a caller's decision, 0 to 1.
    """

    def __init__(self, tracer: trace.Tracer | None, *, share: float) -> None:
        self._tracer, self._share = tracer, share
        self._propagator = TraceContextTextMapPropagator()

    def begin(self, method: str, parent: bytes | None) -> tuple[trace.Span | None, str | None]:
        """The request's span, if it is sampled, and its trace id, if it has one.

        Args:
            method: becomes the span's name until the route is known.
            parent: the header ``traceparent``; the caller's decision wins.
        """
        if parent is None:
            # S311: a sampling decision is not a secret.
            if self._tracer is None or random.random() >= self._share:  # noqa: S311
                return None, None
            span = self._tracer.start_span(method, kind=trace.SpanKind.SERVER)
            return span, f"{span.get_span_context().trace_id:032x}"
        return self._continue(method, parent.decode("latin-1"))

    def _continue(self, method: str, parent: str) -> tuple[trace.Span | None, str | None]:
        parts = TRACEPARENT.fullmatch(parent)
        if parts is None or parts[1] == NO_TRACE or parts[2] == NO_SPAN:
            return self.begin(method, None)
        if self._tracer is None or not int(parts[3], 16) & 1:
            return None, parts[1]
        context = self._propagator.extract({"traceparent": parent})
        return self._tracer.start_span(method, context, trace.SpanKind.SERVER), parts[1]
