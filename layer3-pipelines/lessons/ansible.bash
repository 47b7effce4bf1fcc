#!/usr/bin/env bash
# Ansible for the lessons c3.9 and c3.10, hash-locked, in an environment of its own on the lesson's host.

iac=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../iac" && pwd)
readonly iac ansible=/var/lib/six-layers-ansible
export ANSIBLE_NOCOLOR=1 ANSIBLE_PIPELINING=1 ANSIBLE_LOCALHOST_WARNING=0 ANSIBLE_INVENTORY_UNPARSED_WARNING=0
export ANSIBLE_HOME=$ansible/home LC_ALL=C.UTF-8

if [[ ! -x $ansible/bin/ansible-playbook ]]; then
  python3 -m venv "$ansible"
  "$ansible/bin/pip" install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r "$iac/requirements.txt"
fi

# shellcheck disable=SC2154 # place is made by lesson.bash
# play PLAYBOOK [OPTION...]: apply it to this host; what it says is in $place/said.
play() {
  "$ansible/bin/ansible-playbook" -e ansible_python_interpreter=/usr/bin/python3 "$@" >"$place/said" 2>&1 || {
    cat "$place/said" >&2
    return 1
  }
}

# changed: how many things the last play changed, or would change.
changed() { sed -n 's/.*changed=\([0-9]*\).*/\1/p' "$place/said"; }

# state: what this host is like, in four lines.
state() {
  getent passwd report | cut -d: -f7
  stat -c '%U %a' /srv/report
  cat /srv/report/report.conf /etc/cron.d/report
}

wipe() {
  rm -rf /srv/report /etc/cron.d/report
  userdel report 2>/dev/null || true
}
trap 'wipe; rm -rf -- "$place"' EXIT
wipe
