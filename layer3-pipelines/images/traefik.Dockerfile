# The program that .ci/engines/traefik has downloaded, alone; the build context is its folder.
FROM scratch
ARG PROGRAM
COPY ${PROGRAM} /traefik
USER 65532:65532
ENTRYPOINT ["/traefik"]
