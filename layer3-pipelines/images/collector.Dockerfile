# The Collector that .ci/engines/collector has built, alone; the build context is its folder.
FROM scratch
ARG PROGRAM
COPY ${PROGRAM} /otelcol
USER 10001:10001
ENTRYPOINT ["/otelcol"]
