# Manifest entries to the pieces of a tar stream: chunks of headers in files c/N, and on standard output
# the order in which chunks and objects follow each other. Needs tar-header.awk.
function flush() {
  if (text == "") return
  name = sprintf("c/%07d", ++chunks)
  printf "%s", text >name
  close(name)
  print name
  text = ""
}
function common() { return record("path", "./" decode($11)) record("uid", $3) record("gid", $4) record("mtime", $6) }
$1 == "d" { text = text header("5", $2, common()) }
$1 == "l" { text = text header("2", $2, common() record("linkpath", decode($12))) }
$1 == "h" { text = text header("1", $2, common() record("linkpath", "./" decode($12))) }
$1 == "f" {
  # Holes are made afterwards; a stream would carry them as zeros.
  size = $9 ~ /s/ ? 0 : $5
  text = text header("0", $2, common() record("size", size))
  if (size > 0) {
    flush()
    print "o/" $10 ".zst"
    text = substr(ZEROS, 1, (512 - size % 512) % 512)
  }
}
BEGIN { ZEROS = NUL247 NUL247 NUL247 NUL247 }
END {
  # Exactly the two blocks of zeros that end an archive: of one byte more, tar would leave zstd with a broken pipe.
  text = text ZEROS substr(NUL100, 1, 36)
  flush()
}
