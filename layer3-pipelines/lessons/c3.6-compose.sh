#!/usr/bin/env bash
# Lesson c3.6: Docker Compose.
#
# Exit codes: 0 all is as said, 1 something is not, 69 there is no Docker engine
set -Eeuo pipefail
shopt -s inherit_errexit
# shellcheck source=layer3-pipelines/lessons/stack.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/stack.bash"

images hop postgres
stack "c3.6/compose.yaml"

# How many tables the schema has, asked inside the database's container.
tables() { compose exec -T database psql -U hop -tAc "SELECT count(*) FROM pg_tables WHERE tablename = 'links'"; }

# reach: whether the stranger gets a connection to the database by its name.
reach() {
  compose exec -T stranger /app/bin/python -c '
import socket
try:
    socket.create_connection(("database", 5432), timeout=2)
    print("connected")
except OSError as error:
    print(type(error).__name__)'
}

say 'One file names services, networks, volumes and secrets. config shows it with its variables filled in.'
is 'database migrate stranger' "$(compose config --services | sort | paste -sd ' ')"

say 'A secret is a file at /run/secrets. Nothing of it shows in docker inspect.'
printf 'swordfish\n' >password
printf 'postgresql://hop:swordfish@database:5432/hop\n' >database_url
chmod 444 password database_url

say 'depends_on waits for a condition: the migration starts when the database is healthy, not when it has started.'
compose up --detach
migrated() { docker inspect -f '{{.State.Status}} {{.State.ExitCode}}' "$(compose ps -aq migrate)" | grep exited; }
is 'exited 0' "$(soon migrated)"
is 1 "$(tables)"
is 0 "$(docker inspect "$(compose ps -q database)" | grep -c swordfish || true)"

say 'A name is an address, but only on a network that both are on. The stranger is on another one.'
is gaierror "$(reach)"
say 'The control: on the inner network the same container is let in.'
docker network connect "${project}_inner" "$(compose ps -q stranger)"
is connected "$(reach)"

say 'down removes containers and networks; what lies on a volume is there again after the next up.'
compose down --timeout 1
compose up --detach --wait database
is 1 "$(tables)"

say 'down --volumes removes the data too. It asks nobody.'
compose down --volumes --timeout 1
compose up --detach --wait database
is 0 "$(tables)"
