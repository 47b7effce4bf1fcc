"""What /metrics shows. Labels are bounded: templates, known methods, statuses."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from itertools import accumulate

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

# 0.25 s is the latency objective's threshold: a bucket, or no rule could be exact.
BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class RequestDurations(Collector):
    """The histogram ``http_server_request_duration_seconds``.

    The event loop alone writes it, so it needs no lock: a third of the cost of
    ``prometheus_client.Histogram.observe``. Name and labels are OpenTelemetry's.

    Attributes:
        before_collect: brings requests that are noted but not yet counted.
    """

    def __init__(self) -> None:
        self._series: dict[tuple[str, str, int], list[float]] = {}
        self.before_collect: Callable[[], None] = lambda: None

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        key = (method, route, status)
        series = self._series.get(key)
        if series is None:
            # An unknown method is the client's text: as a label it would grow without bound.
            key = (method if method in METHODS else "_OTHER", route, status)
            series = self._series.setdefault(key, [0.0] * (len(BUCKETS_S) + 2))
        series[bisect_left(BUCKETS_S, seconds)] += 1
        series[-1] += seconds

    def collect(self) -> Iterator[Metric]:
        """For prometheus_client."""
        self.before_collect()
        family = HistogramMetricFamily(
            "http_server_request_duration_seconds",
            "Duration of HTTP server requests.",
            labels=["http_request_method", "http_route", "http_response_status_code"],
        )
        bounds = [*(repr(bound) for bound in BUCKETS_S), "+Inf"]
        for (method, route, status), series in list(self._series.items()):
            buckets = list(zip(bounds, accumulate(series[:-1]), strict=True))
            family.add_metric([method, route, str(status)], buckets, series[-1])
        yield family


class Metrics:
    """One registry a process, with everything hop counts."""

    def __init__(self, *, version: str, release: str, colour: str | None) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self.requests = RequestDurations()
        self.registry.register(self.requests)
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        build = Gauge(
            "hop_build_info",
            "1, with the version in labels.",
            ["version", "release", "colour"],
            registry=self.registry,
        )
        build.labels(version, release, colour or "").set(1)
        self.dropped = Counter(
            "hop_access_log_dropped_lines",
            "Access-log lines lost because the disk could not take them.",
            registry=self.registry,
        )

    def gauge(self, name: str, text: str, value: Callable[[], float]) -> None:
        """Show a value that is computed when asked for."""
        Gauge(name, text, registry=self.registry).set_function(value)

    def counter(self, name: str, text: str, value: Callable[[], float]) -> None:
        """Show a count that another object keeps."""
        self.registry.register(_Count(name, text, value))


class _Count(Collector):
    def __init__(self, name: str, text: str, value: Callable[[], float]) -> None:
        self._metric = (name, text)
        self._value = value

    def collect(self) -> Iterator[Metric]:
        metric = Metric(*self._metric, "counter")
        metric.add_sample(f"{self._metric[0]}_total", {}, self._value())
        yield metric
