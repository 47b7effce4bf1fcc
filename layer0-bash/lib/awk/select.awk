# Entries at or below one path (variable want; "." is all), with the directories above it. Reads the
# manifest twice. Hard links whose first name is not among them: one becomes the file, the others link to it.
function wanted(path) { return want == "." || path == want || index(path, want "/") == 1 }
function above(path) { return path == "." || index(want, path "/") == 1 }
BEGIN {
  FS = OFS = "\t"
  # Not by -v, which would interpret the backslashes of escaped names.
  want = ENVIRON["want"]
}
/^#/ { next }
NR == FNR { if ($1 == "h") linked[$12]; next }
$1 == "f" && $11 in linked { entry[$11] = $0 }
$1 == "h" && wanted($11) && !wanted($12) {
  if ($12 in moved) $12 = moved[$12]
  else {
    path = $11
    moved[$12] = path
    $0 = entry[$12]
    $11 = path
  }
}
wanted($11) { print; found = 1; next }
$1 == "d" && above($11) { print }
END { exit !found }
