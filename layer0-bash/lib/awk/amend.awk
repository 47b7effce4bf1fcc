# Private copies (kind=copy: path, digest, size) into the entries; what could not be copied goes, and
# further names of it too.
BEGIN { FS = OFS = "\t" }
kind == "copy" { digest[$1] = $2; size[$1] = $3; next }
$10 == "?" && !($11 in digest) { gone[$11]; next }
$1 == "h" && $12 in gone { next }
$10 == "?" { $10 = digest[$11]; $5 = size[$11]; $9 = "c" }
{ print }
