#!/usr/bin/env bash
# What ops system knows of packages: whose database it is, what is in it, what was asked for. Sourced, never executed.
# shellcheck disable=SC2154 # root and work are the caller's

# rpm_database ROOT: where it lies; nothing where there is none. Never ask rpm: it makes one where there was none.
rpm_database() {
  local directory
  for directory in "$1/usr/lib/sysimage/rpm" "$1/var/lib/rpm"; do
    if [[ -e $directory/rpmdb.sqlite || -e $directory/Packages.db || -e $directory/Packages ]]; then
      printf '%s' "$directory"
      return
    fi
  done
}

# package_system ROOT: by the database that is there, not by the programs in PATH: those are this machine's, and
# Fedora and Debian have each other's. A dpkg that knows no package is not what the system was made with.
package_system() {
  if [[ -s $1/var/lib/dpkg/status ]]; then
    printf dpkg
  elif [[ -n $(rpm_database "$1") ]]; then
    printf rpm
  elif [[ -z $1 ]] && command -v brew >/dev/null; then
    printf brew
  fi
}

# region: copy
# rpm_copy ROOT: print a root with a copy of its databases. rpm and dnf write into the one they only read: locks,
# logs, caches; and without the right to write there, they do not read.
rpm_copy() {
  local path
  for path in "$(rpm_database "$1")" "$1/var/lib/dnf" "$1/usr/lib/sysimage/libdnf5"; do
    [[ -d $path && ! -e $work/rpm/${path#"$1"} ]] || continue
    mkdir -p -- "$(dirname -- "$work/rpm/${path#"$1"}")"
    cp -RL -- "$path" "$work/rpm/${path#"$1"}"
  done
  printf '%s' "$work/rpm"
}
# endregion

# rpm_query ROOT ARGUMENT...: ask the database of ROOT.
rpm_query() {
  local copy
  if [[ -z $1 ]]; then
    rpm "${@:2}"
  else
    copy=$(rpm_copy "$1")
    rpm --dbpath "$(rpm_database "$copy")" "${@:2}"
  fi
}

# user_installed ROOT: names of what somebody asked dnf for. No repository is asked; dnf 4 ends each name with an
# empty line where dnf 5 needs the \n.
user_installed() {
  local -a where=()
  [[ -z $1 ]] || where=(--installroot "$(rpm_copy "$1")")
  dnf -q "${where[@]}" --disablerepo='*' repoquery --userinstalled --queryformat '%{name}\n' | sed '/^$/d'
}

topic_packages() {
  case $(package_system "$root") in
    dpkg) dpkg-query --admindir="$root/var/lib/dpkg" -W -f '${db:Status-Abbrev} ${Package}:${Architecture} ${Version}\n' ;;
    rpm) rpm_query "$root" -qa --queryformat '%{NAME}.%{ARCH} %{EVR}\n' ;;
    brew) brew list --versions ;;
    *) ;;
  esac
}

# What a restore of the package selection needs: the form of dpkg --set-selections, dnf install, brew install.
topic_selection() {
  case $(package_system "$root") in
    dpkg) dpkg --admindir="$root/var/lib/dpkg" --get-selections ;;
    rpm) user_installed "$root" ;;
    brew) brew leaves ;;
    *) ;;
  esac
}
