#!/usr/bin/env bash
# Lesson c0.9: SSH, SCP, keys, known hosts, agent, forced command and a jump host, on loopback.
set -Eeuo pipefail
shopt -s inherit_errexit
# shellcheck source=layer0-bash/lessons/lesson.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lesson.bash"
# shellcheck source=layer0-bash/test/sshd.bash
source "$here/test/sshd.bash"

stop() {
  kill "${servers[@]}" "${SSH_AGENT_PID:-}" 2>/dev/null || true
  rm -rf -- "$place"
}
servers=()
trap stop EXIT

start_sshd "$place/inner" || {
  echo 'skipped: no sshd. Next: sudo apt-get install openssh-server' >&2
  exit 69
}
inner=$sshd_port
servers+=("$sshd_pid")
mapfile -d '' options < <(ssh_options "$place/inner")

say 'A key instead of a password: the server knows the public half, only you have the private one.'
is 'hello from the other side' "$(ssh "${options[@]}" -p "$inner" 127.0.0.1 'echo hello from the other side')"
is 600 "$(stat -c %a "$place/inner/id")"

say 'The exit code of the remote command comes back; 255 is the connection'"'"'s own.'
code=0
ssh "${options[@]}" -p "$inner" 127.0.0.1 'exit 7' || code=$?
is 7 "$code"

say 'scp copies over the same connection; a name with a space needs no second quoting since OpenSSH 9.'
printf 'payload\n' >'a file'
scp -q "${options[@]}" -P "$inner" 'a file' "127.0.0.1:$place/copied here"
is payload "$(cat 'copied here')"

say 'known_hosts: a server with another key is refused. That is the point of the file.'
cp inner/known_hosts kept
ssh-keygen -q -t ed25519 -N '' -f other_key
printf '[127.0.0.1]:%s %s\n' "$inner" "$(cut -d ' ' -f 1,2 other_key.pub)" >inner/known_hosts
is refused "$(ssh "${options[@]}" -p "$inner" 127.0.0.1 true 2>/dev/null && echo connected || echo refused)"
cp kept inner/known_hosts

say 'An agent holds the key, so that the file may be locked away or have a passphrase.'
eval "$(ssh-agent -s)" >/dev/null
ssh-add -q inner/id
mv inner/id inner/id.away
is 'with the agent' "$(ssh "${options[@]:0:2}" "${options[@]:6}" -p "$inner" 127.0.0.1 'echo with the agent' 2>/dev/null)"
mv inner/id.away inner/id

say 'A forced command: this key runs one program, whatever its owner asks for.'
ssh-keygen -q -t ed25519 -N '' -f backup_key
# shellcheck disable=SC2016 # for the server's shell
printf 'restrict,command="echo you asked for: $SSH_ORIGINAL_COMMAND" %s\n' "$(cat backup_key.pub)" >>inner/authorized_keys
is 'you asked for: rm -rf /' "$(ssh -F none -i backup_key "${options[@]:4}" -p "$inner" 127.0.0.1 'rm -rf /')"

say 'A jump host: -J goes through one server to another; the key never lies on the first.'
mkdir outer && cp inner/id inner/id.pub outer/
start_sshd "$place/outer"
servers+=("$sshd_pid")
cat outer/known_hosts >>inner/known_hosts
cat >config <<CONFIG
Host *
  IdentityFile $place/inner/id
  IdentitiesOnly yes
  UserKnownHostsFile $place/inner/known_hosts
  BatchMode yes
Host outer
  HostName 127.0.0.1
  Port $sshd_port
Host inner
  HostName 127.0.0.1
  Port $inner
  ProxyJump outer
CONFIG
is 'through the jump host' "$(ssh -F config inner 'echo through the jump host')"
is "$inner" "$(ssh -F config inner 'echo "${SSH_CONNECTION##* }"')"
