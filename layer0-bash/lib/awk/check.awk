# Is a manifest whole and safe to restore? Prints the first thing that is not, and fails.
# Variables: file and id, its name and the id it should carry.
function bad(why) {
  printf "damaged: %s line %d: %s\n", file, NR, why
  failed = 1
  exit 1
}
function parent(path) {
  if (path !~ /\//) return "."
  sub(/\/[^\/]*$/, "", path)
  return path
}
BEGIN { FS = "\t" }
ended { bad("text after the end") }
NR == 1 && $0 != "#\tops-snapshot\t1" { bad("not a manifest") }
$1 == "#" && $2 == "id" && $3 != id { bad("another snapshot's manifest: " $3) }
$1 == "#" && $2 == "end" {
  if ($3 != entries) bad("says " $3 " entries, has " entries + 0)
  ended = 1
}
$1 == "#" { next }
{
  entries++
  path = $11
  if (NF != 13) bad("want 13 columns, got " NF)
  if ($1 !~ /^[dflhpsbcD]$/) bad("unknown type " $1)
  if ($2 !~ /^[0-7]+$/ || length($2) > 4) bad("no mode: " $2)
  if ($3 $4 $5 $8 !~ /^[0-9]+$/ || $3 == "" || $4 == "" || $5 == "") bad("owner or size is not a number")
  if ($6 !~ /^-?[0-9]+\.[0-9]+$/ || $7 !~ /^-?[0-9]+\.[0-9]+$/) bad("no time")
  if (path == "" || path ~ /^\// || "/" path "/" ~ /\/(\.\.)?\// || (path != "." && "/" path "/" ~ /\/\.\//))
    bad("unsafe path " path)
  if (path in kind) bad("path twice: " path)
  # A parent that is a link would lead the restore out of its target.
  if (path == ".") { if (entries != 1 || $1 != "d") bad("the root comes first, as a directory") }
  else if (kind[parent(path)] != "d") bad("its directory is not in the manifest: " path)
  if ($1 == "f" && ($10 !~ /^[0-9a-f]+$/ || length($10) != 64)) bad("no SHA-256: " $10)
  if ($1 == "h" && kind[$12] != "f") bad("hard link to what is no file here: " $12)
  if ($1 == "l" && $12 == "") bad("link without a target")
  kind[path] = $1
}
END {
  if (!failed && !ended) { printf "damaged: %s: cut short, no end line\n", file; exit 1 }
  exit failed
}
