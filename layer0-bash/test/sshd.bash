#!/usr/bin/env bash
# A real sshd on loopback for tests and the lesson, without touching the machine's own. Sourced.
# shellcheck disable=SC2154 # ssh_home and those who use it

# free_port: a port that nobody listens on now.
free_port() {
  local port
  for port in {42200..42299}; do
    (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || {
      printf '%d' "$port"
      return
    }
  done
  return 1
}

# start_sshd DIRECTORY [CONFIG_LINE...]: keys, configuration, a server; sets sshd_port and sshd_pid.
start_sshd() {
  local directory=$1 server
  server=$(command -v sshd || printf /usr/sbin/sshd)
  [[ -x $server ]] || return 69
  shift
  sshd_port=$(free_port)
  mkdir -p "$directory" && chmod 700 "$directory"
  ssh-keygen -q -t ed25519 -N '' -f "$directory/host_key"
  [[ -e $directory/id ]] || ssh-keygen -q -t ed25519 -N '' -C lesson -f "$directory/id"
  [[ -e $directory/authorized_keys ]] || cp "$directory/id.pub" "$directory/authorized_keys"
  # sshd, when root starts it, insists on this empty directory.
  ((EUID)) || mkdir -p /run/sshd
  {
    printf '%s\n' "ListenAddress 127.0.0.1:$sshd_port" "HostKey $directory/host_key" "PidFile none" \
      "AuthorizedKeysFile $directory/authorized_keys" 'UsePAM no' 'StrictModes no' \
      'PasswordAuthentication no' 'KbdInteractiveAuthentication no' 'PermitRootLogin prohibit-password' 'PrintMotd no' 'Subsystem sftp internal-sftp' "$@"
  } >"$directory/sshd_config"
  "$server" -D -e -f "$directory/sshd_config" 2>"$directory/sshd.log" 3>&- &
  sshd_pid=$!
  printf '[127.0.0.1]:%s %s\n' "$sshd_port" "$(cut -d ' ' -f 1,2 "$directory/host_key.pub")" >>"$directory/known_hosts"
  until (: <>"/dev/tcp/127.0.0.1/$sshd_port") 2>/dev/null; do
    kill -0 "$sshd_pid" || return 1
    sleep 0.05
  done
}

# ssh_options DIRECTORY: nothing of the reader's own ssh is read or written.
ssh_options() {
  printf '%s\0' -F none -i "$1/id" -o IdentitiesOnly=yes -o BatchMode=yes -o "UserKnownHostsFile=$1/known_hosts" \
    -o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes
}
