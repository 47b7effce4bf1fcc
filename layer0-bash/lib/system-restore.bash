#!/usr/bin/env bash
# The steps of ops system restore. Sourced, never executed.
# shellcheck disable=SC2154 # work and OPS are the caller's

# region: safe
# safe_target ROOT OPTION: print its real path, "" for /; stop before what nobody means to overwrite.
safe_target() {
  local target
  [[ -n $1 && -d $1 ]] || die "$REFUSED" "no such root: '$1'. Make it first, or is a variable unset?"
  target=$(realpath -- "$1")
  [[ $target != / || $2 == --this-container ]] \
    || die "$REFUSED" 'refusing / as ROOT: restore into another root, compare, then copy; in a container add --this-container.'
  [[ $target != / ]] || in_container '' || die "$REFUSED" 'refusing / as ROOT: this is no container, or its / is a disk.'
  printf '%s' "${target%/}"
}

# in_container ROOT: Docker and Podman leave a file; but virtual machines made from images have it too, so / must
# not be on a disk either.
in_container() {
  [[ -e $1/.dockerenv || -e $1/run/.containerenv ]] \
    && awk '$5 == "/" { for (i = 6; $i != "-"; i++); source = $(i + 2) } END { exit source ~ /^\/dev\// || source == "" }' "$1/proc/self/mountinfo"
}
# endregion

# mounted_below DIRECTORY: NUL-separated paths below it where something is mounted, relative to it.
mounted_below() {
  [[ ! -r /proc/self/mountinfo ]] || awk -v below="$1/" 'index($5, below) == 1 { print substr($5, length(below) + 1) }' \
    /proc/self/mountinfo | tr '\n' '\0' | unescape_mount
}
# The kernel writes a space as \040, too.
unescape_mount() { sed -z 's/\\040/ /g' | unescape; }

# restore_etc STORE TARGET
restore_etc() {
  local path
  local -a mounted
  mapfile -d '' mounted < <(mounted_below "$2/etc")
  if ((${#mounted[@]} == 0)); then
    "$OPS" restore "$1" latest "$2/etc" --overwrite
    return
  fi
  # A file that is mounted cannot be replaced. So aside first, without these, and then over what is there.
  "$OPS" restore "$1" latest "$work/etc"
  for path in "${mounted[@]}"; do
    rm -rf -- "${work:?}/etc/$path"
    note "mounted, so left as it is: $2/etc/$path"
  done
  cp -a --remove-destination -- "$work/etc/." "$2/etc/"
}

# mark_packages SELECTION TARGET: dpkg marks only what it has heard of, so tell it what apt knows there.
mark_packages() {
  local unknown log=$2/var/log/ops-selection.log
  if command -v apt-cache >/dev/null; then
    apt-cache -o Dir="${2:-/}" -o Dir::State::status="$2/var/lib/dpkg/status" dumpavail >"$work/available" 2>/dev/null || true
    [[ ! -s $work/available ]] || dpkg --root="${2:-/}" --merge-avail "$work/available" >/dev/null
  fi
  # Packages that it does not know are a warning to dpkg, not a failure.
  LC_ALL=C dpkg --root="${2:-/}" --set-selections <"$1" 2>"$log" \
    || die "$FAILED" "packages are not marked, /etc is restored: $(tail -n 1 "$log"). Repair dpkg there, then this restore again."
  unknown=$(grep -c 'database at line' "$log" || true)
  if ((unknown)); then
    printf '%d packages are unknown there, see %s. Next: apt-get update there, then this restore again\n' "$unknown" "$log"
  elif [[ -z $2 ]]; then
    printf 'packages are marked. Next: apt-get dselect-upgrade\n'
  else
    printf 'packages are marked. Next: chroot %q apt-get dselect-upgrade\n' "$2"
  fi
}

# list_packages SELECTION TARGET: rpm has no marks for what is not there, so the names go into a file for dnf.
list_packages() {
  local list=$2/var/log/ops-selection.list
  rpm_query "$2" -qa --queryformat '%{NAME}\n' 2>"$work/log" | sort -u >"$work/there" \
    || die "$FAILED" "packages are not compared, /etc is restored: $(tail -n 1 "$work/log"). Repair rpm there, then this restore again."
  sort -u -- "$1" | comm -23 - "$work/there" >"$work/missing"
  if [[ ! -s $work/missing ]]; then
    printf 'packages: every one of the selection is there\n'
    return
  fi
  mkdir -p -- "$2/var/log"
  cp -- "$work/missing" "$list"
  printf '%d packages are to be installed. Next: ' "$(wc -l <"$list")"
  [[ -z $2 ]] || printf 'chroot %q ' "$2"
  # shellcheck disable=SC2016 # whoever runs the command expands it
  printf 'dnf install $(cat %q)\n' "$list"
}

# restore_packages SELECTION TARGET
restore_packages() {
  if grep -q '^# incomplete' "$1"; then
    note 'packages are left as they are: the selection could not be read when the snapshot was taken.'
    return
  fi
  case $(package_system "$2") in
    dpkg) mark_packages "$1" "$2" ;;
    rpm) list_packages "$1" "$2" ;;
    brew) printf 'packages: %s (a list; brew install takes its names)\n' "$1" ;;
    *) printf 'packages: %s has no package database; the selection is in %s\n' "$2" "$1" ;;
  esac
}

# same_system SELECTION TARGET: /etc and the names of packages of one family are nothing for another.
same_system() {
  local there taken=names
  there=$(package_system "$2")
  [[ $there == rpm || $there == dpkg ]] || return 0
  if [[ ! -s $1 ]] || grep -q '^# incomplete' "$1"; then return 0; fi
  if grep -q $'\t' "$1"; then taken=dpkg; fi
  case $there,$taken in
    dpkg,names | rpm,dpkg)
      die "$REFUSED" "the snapshot is of another family of systems, and ${2:-/} is one of $there. Name a root that is like it."
      ;;
    *) ;;
  esac
}
