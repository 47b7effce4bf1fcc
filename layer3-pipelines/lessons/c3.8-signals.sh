#!/usr/bin/env bash
# Lesson c3.8: logging, metrics, alerting, and health, on a service whose database is away.
#
# Exit codes: 0 all is as said, 1 something is not, 69 there is no Docker engine
set -Eeuo pipefail
shopt -s inherit_errexit
# shellcheck source=layer3-pipelines/lessons/stack.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/stack.bash"

images hop prometheus alertmanager
stack "c3.8/compose.yaml"

# ask PATH [HEADER]: status and body of hop's answer, asked from inside its container.
ask() {
  compose exec -T hop /app/bin/python -c '
import sys, urllib.error, urllib.request
request = urllib.request.Request("http://127.0.0.1:8000" + sys.argv[1])
request.add_header("X-Request-ID", "lesson-1")
try:
    answer = urllib.request.urlopen(request, timeout=5)
except urllib.error.HTTPError as error:
    answer = error
print(answer.status, answer.read().decode())' "$1"
}

line() { compose exec -T hop /app/bin/python -c 'print(open("/data/access.log").read())' | grep '"lesson-1".*"slug":"no-such-link"' | head -n 1; }
metric() { ask /metrics | grep "^$1"; }
alert() { compose logs --no-log-prefix webhook | grep -o '"name": "DatabaseDown", "status": "firing"' | head -n 1; }
# The service answers at all.
alive() { ask /livez 2>/dev/null | cut -d' ' -f1; }

compose up --detach
soon alive >/dev/null

say 'Health is three questions. Alive: would a restart help? It would not, so: yes.'
is 200 "$(ask /livez | cut -d' ' -f1)"
say 'Ready: send traffic here? Not before the database has answered once.'
is 503 "$(ask /readyz | cut -d' ' -f1)"
say 'Healthy: does everything work now? No.'
is 503 "$(ask /healthz | cut -d' ' -f1)"

say 'A log line is one event: this request, by its id. hop writes JSON, so it is a question away from a table.'
is 503 "$(ask /no-such-link | cut -d' ' -f1)"
soon line | grep -o '"request_id":"[^"]*"\|"route":"[^"]*"\|"status":[0-9]*'

say 'A metric is a number over all requests; it forgets who asked, and costs the same for ten and ten million.'
is 'hop_database_up 0.0' "$(metric hop_database_up)"
metric http_server_request_duration_seconds_count | grep slug

say 'An alert is a rule over metrics that must hold for a while (for: 3s), on its way to a person.'
is '"name": "DatabaseDown", "status": "firing"' "$(soon alert)"

say 'The log tells why; the metric only knew that.'
soon bash -c "docker logs $(compose ps -q hop) 2>&1 | grep -o 'database does not answer' | head -n 1"
