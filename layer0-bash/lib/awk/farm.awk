# Lines "SHA path" to a tar stream of symbolic links, SHA -> $from/path. Needs tar-header.awk.
# $from comes by the environment, because -v would interpret backslashes in it.
{ printf "%s", header("2", "0777", record("path", $1) record("linkpath", ENVIRON["from"] "/" decode($2))) }
END { printf "%s%s%s%s%s", NUL247, NUL247, NUL247, NUL247, substr(NUL247, 1, 36) }
