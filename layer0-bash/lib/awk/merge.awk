# Digests (kind=hash) and a second look at what was read (kind=again) into the entries.
# An entry without digest, or that looks different now, keeps its "?" and goes to the file read_again. Needs time.awk.
BEGIN { FS = OFS = "\t" }
kind == "hash" { digest[$2] = $1; next }
kind == "again" {
  split($1, s, " ")
  look[$2] = s[5] " " decimal(s[6]) " " decimal(s[7]) " " s[8]
  next
}
$10 == "?" {
  if ($11 in digest && look[$11] == $5 " " $6 " " $7 " " $8) $10 = digest[$11]
  else print $11 >read_again
}
{ print }
