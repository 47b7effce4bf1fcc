#!/usr/bin/env bash
# What ops system looks at: one function a topic, each prints sorted lines. Sourced, never executed.
# shellcheck disable=SC2154 # root and work are the caller's
# They read $root, which is "" for this machine; what only a running machine has is skipped for another root.

readonly TOPICS=(packages selection units users groups mounts sockets kernel cron)

# Enabled units are links below wants and requires: so they can be read in any root, running or not.
topic_units() {
  find "$root/etc/systemd/system" "$root/etc/systemd/user" -path '*.wants/*' -o -path '*.requires/*' 2>/dev/null \
    | sed "s|^$root/etc/systemd/||"
}
topic_users() { cut -d : -f 1,3,4,6,7 "$root/etc/passwd"; }
topic_groups() { cut -d : -f 1,3,4 "$root/etc/group"; }
topic_cron() {
  find "$root/etc/crontab" "$root"/etc/cron.* "$root/var/spool/cron" -type f 2>/dev/null | while IFS= read -r file; do
    sed -n "/^[[:space:]]*[^#[:space:]]/s|^|${file#"$root"}: |p" "$file"
  done
}
topic_mounts() { [[ -n $root ]] || awk '{ print $2, $1, $3, $4 }' /proc/self/mounts; }
topic_sockets() { [[ -n $root ]] || ss -H -tuln | awk '{ print $1, $5 }'; }
# Counters and random numbers differ at each look; they are no setting.
topic_kernel() {
  [[ -z $root ]] || return 0
  command -v sysctl >/dev/null || return 1
  sysctl -a 2>/dev/null \
    | grep -vE '^(kernel\.random|fs\.(file-nr|inode-(nr|state)|dentry-state|aio-nr)|kernel\.(ns_last_pid|pty\.nr)|net\.netfilter\.nf_conntrack_count)' \
    || true
}

# take_topics DIRECTORY: a file a topic. A topic that fails says so in its file, and the others go on.
take_topics() {
  local topic
  for topic in "${TOPICS[@]}"; do
    { "topic_$topic" || printf '# incomplete: %s could not be read\n' "$topic"; } 2>/dev/null | sort -u >"$1/$topic"
  done
}

# etc_lines SNAPSHOT: type, mode, owner, digest and path of everything in its copy of /etc.
etc_lines() {
  zstd -dcq -- "$1"/etc/snapshots/*.zst | awk -F '\t' '!/^#/ { print $1, $2, $3 ":" $4, ($1 == "d" ? "-" : substr($10, 1, 12)), $11, $12 }' | sort
}

# compare SNAPSHOT SNAPSHOT: lines "topic - old" and "topic + new"; fails when there are any.
compare() {
  local topic found=0
  etc_lines "$1" >"$work/old"
  etc_lines "$2" >"$work/new"
  for topic in etc "${TOPICS[@]}"; do
    [[ $topic == etc ]] || { cp -- "$1/$topic" "$work/old" && cp -- "$2/$topic" "$work/new"; }
    diff -- "$work/old" "$work/new" | sed -n "s/^</$topic -/p; s/^>/$topic +/p" >"$work/difference" || true
    if [[ -s $work/difference ]]; then
      found=1
      cat "$work/difference"
    fi
  done
  return "$found"
}
