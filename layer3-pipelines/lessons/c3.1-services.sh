#!/usr/bin/env bash
# Lesson c3.1: systemd services, daemons, `service`, journalctl.
set -Eeuo pipefail
shopt -s inherit_errexit
# shellcheck source=layer3-pipelines/lessons/lesson.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lesson.bash"

readonly unit=/run/systemd/system/lesson.service
clean_up() {
  systemctl stop lesson 2>/dev/null || true
  systemctl disable --runtime lesson 2>/dev/null || true
  rm -rf -- "$unit" "$place"
  systemctl daemon-reload
}
trap clean_up EXIT
property() { systemctl show lesson --property "$1" --value; }

say 'Process 1 starts everything else on this host.'
is systemd "$(ps -o comm= -p 1)"

say 'A service is described in a file. In /run it is gone after a reboot; for good it belongs in /etc.'
cat >"$unit" <<'UNIT'
[Unit]
Description=A daemon for the lesson

[Service]
ExecStart=/bin/sh -c 'echo ready; echo "<3>this is an error"; exec sleep 600'
Restart=on-failure
RestartSec=100ms

[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload
systemctl start lesson
is active "$(systemctl is-active lesson)"

say 'A daemon has no terminal, and nobody waits for it but process 1: its parent.'
pid=$(property MainPID)
is '1 ?' "$(ps -o ppid=,tty= -p "$pid" | awk '{ print $1, $2 }')"

say 'What it prints is in the journal, with its unit and its process.'
until_is ready journalctl --unit lesson --output cat --lines 1 --grep '^ready$'

say 'A line that begins with <3> has the priority of an error; journalctl can ask for those alone.'
until_is 'this is an error' journalctl --unit lesson --output cat --lines 1 --priority err

say 'Killed, it comes back by policy (Restart=), as another process.'
kill -KILL "$pid"
until_is 1 property NRestarts
is different "$([[ $(property MainPID) == "$pid" ]] && echo same || echo different)"

say 'start is now, enable is at boot: a link in the target that wants it.'
is disabled "$(systemctl is-enabled lesson || true)"
systemctl enable --runtime lesson 2>/dev/null
is enabled-runtime "$(systemctl is-enabled lesson)"

say 'service is the older command for the same; here it asks systemd.'
service lesson stop
is inactive "$(systemctl is-active lesson || true)"

say 'Stopped on purpose it stays down: only a failure restarts it.'
is success "$(property Result)"
