# Output of getfattr (kind=attribute) into column 13 of the entries, newlines written \012.
BEGIN { FS = OFS = "\t" }
kind == "attribute" {
  if (/^# file: /) {
    path = substr($0, 9)
    sub(/^\.\//, "", path)
    # getfattr escapes newline, carriage return and backslash; we: newline, tab and backslash.
    gsub(/\t/, "\\011", path)
    gsub(/\\015/, "\r", path)
  } else if ($0 != "") found[path] = found[path] $0 "\\012"
  next
}
$13 == "?" { $13 = found[$11] }
{ print }
