# shellcheck shell=bash
# Debian's packages become rpm's; sourced by convert, whose variables these are.
# shellcheck disable=SC2154

# What only Debian has, and what Fedora has another of.
readonly dropped=' adduser apt base-files dash debconf debian-archive-keyring debianutils dpkg init-system-helpers libapt-pkg mawk sqv '
# Installed by dnf, by those who need it.
readonly offered=(attr createrepo_c diffutils git iproute make procps-ng zstd)

# fedora_name PACKAGE: the package of Fedora that has these files, where somebody asks for it by name.
fedora_name() {
  case $1 in
    git-man) printf git ;;
    createrepo-c) printf createrepo_c ;;
    iproute2) printf iproute ;;
    libc6 | libc-bin) printf glibc ;;
    passwd) printf shadow-utils ;;
    procps) printf procps-ng ;;
    bsdutils | mount | login) printf util-linux ;;
    *) if [[ $1 =~ ^(lib)?python3(\.[0-9]+)?(-(minimal|stdlib|venv))?$ ]]; then printf python3; else printf '%s' "$1"; fi ;;
  esac
}

# take_lists: the paths and the version of each package, while dpkg is still there.
take_lists() {
  local package version name
  while read -r package version; do
    name=$(fedora_name "${package%:*}")
    [[ $dropped != *" ${name%%[0-9]*} "* ]] || name=dropped
    dpkg -L "$package" | sed -E -e '/^\/usr\/share\/(doc|man|lintian)\//d' -e 's#^/(s?bin|lib|lib64)/#/usr/\1/#' \
      -e 's#^/usr/sbin/#/usr/bin/#' -e 's#^/usr/lib/[^/]+-linux-gnu/#/usr/lib64/#' >>"$lists/$name.files"
    # Debian's epoch and revision are its own, and rpm allows fewer signs.
    version=${version#*:}
    printf '%s\n' "${version%%-*}" | tr -c 'A-Za-z0-9.~^\n' . >"$lists/$name.version"
  done < <(dpkg-query -W -f '${binary:Package} ${Version}\n')
}

# files_only LIST: without directories and links to them, which belong to nobody here, and without what has been removed.
files_only() {
  local path
  sort -u "$1" | while IFS= read -r path; do
    if [[ ! -d $path && (-e $path || -L $path) ]]; then printf '%s\n' "$path"; fi
  done >"$1.there"
  mv "$1.there" "$1"
  [[ -s $1 ]] || rm "$1"
}

# spec: one source package, with a binary package a list.
spec() {
  local list name
  cat <<END
%global debug_package %{nil}
%global __os_install_post %{nil}
%global _build_id_links none
%global _binary_payload w.ufdio
Name: stand-in
Version: 1
Release: 1
Summary: files of Debian packages
License: each its own
%description
Files of Debian packages.
%install
tar -C / -cf - --no-recursion -T "$lists/all" 2>/dev/null | tar -C %{buildroot} -xf -
END
  for list in "$lists"/*.files; do
    name=$(basename "$list" .files)
    printf '%%package -n %s\nSummary: files of Debian packages\nVersion: %s\nAutoReqProv: no\n' "$name" "$(<"$lists/$name.version")"
    case $name in
      bash) printf 'Provides: /bin/sh /bin/bash\n' ;;
      rpm) printf 'Provides: rpm-build\n' ;;
      fedora-release) printf 'Provides: system-release(releasever) = %s\n' "$release" ;;
      *) ;;
    esac
    printf '%%description -n %s\nFiles of Debian packages.\n%%files -n %s -f %s\n' "$name" "$name" "$list"
  done
}

# register: every package into rpm's database, or, if it is offered, out of the root and into a repository.
register() {
  local list name top=$lists/rpmbuild
  printf '/usr/bin/sh\n' >>"$lists/bash.files"
  printf '/usr/bin/awk\n' >>"$lists/gawk.files"
  for list in "$lists"/*.files; do files_only "$list"; done
  sort -u "$lists"/*.files >"$lists/all"
  spec >"$lists/stand-in.spec"
  rpmbuild --quiet -bb --define "_topdir $top" "$lists/stand-in.spec"
  for name in "${offered[@]}"; do mv "$top"/RPMS/*/"$name"-[0-9]*.rpm "$repository/"; done
  createrepo_c -q "$repository"
  for name in "${offered[@]}"; do xargs -d '\n' rm -f -- <"$lists/$name.files"; done
  rpm -i --justdb --nodeps "$top"/RPMS/*/*.rpm
}
