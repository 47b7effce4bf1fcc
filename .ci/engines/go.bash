# shellcheck shell=bash
# Commands that are built from Go modules; sourced by common.bash.

# go_environment: keep what Go downloads and compiles below our cache; build statically, for images FROM scratch.
go_environment() {
  export GOPATH=$SIX_LAYERS_CACHE/go GOCACHE=$SIX_LAYERS_CACHE/go-build GOFLAGS=-modcacherw CGO_ENABLED=0
}

# go_tool NAME PACKAGE VERSION [VERSION-VARIABLE]: build a Go command once.
go_tool() {
  local file=$SIX_LAYERS_CACHE/bin/$1-$3
  if [[ ! -x $file ]]; then
    command -v go >/dev/null || cannot "there is no Go to build $1 with" 'install Go (go.dev/doc/install), then make engines'
    room 4 "$SIX_LAYERS_CACHE"
    timed "build $1 $3" go_build "$file" "$2" "v$3" "${4:-}"
  fi
  ln -sfn "$1-$3" "$SIX_LAYERS_CACHE/bin/$1"
}

# go_build FILE PACKAGE VERSION VERSION-VARIABLE
# A module of our own requires it, because `go install` refuses a module with replace or exclude lines.
go_build() (
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  cd "$work" || return
  go_environment
  go mod init example.invalid/tool
  go get "$2@$3"
  nice -n 19 go build -trimpath -buildvcs=false -ldflags "-s -w${4:+ -X $4=$3}" -o "$1.new" "$2"
  mv "$1.new" "$1"
)
