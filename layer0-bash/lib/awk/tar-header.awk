# Functions that print tar headers (POSIX pax format). Whatever varies goes into the pax records, which
# no checksum covers; so the sum of a header depends on its mode, its type and a length only.
function record(key, value,   base, total) {
  base = length(key) + length(value) + 3
  total = base + length(base)
  if (length(total) > length(base)) total++
  return total " " key "=" value "\n"
}
function digits_sum(text,   i, sum) {
  for (i = 1; i <= length(text); i++) sum += 48 + substr(text, i, 1)
  return sum
}
# 512 bytes: name[100] mode[8] uid[8] gid[8] size[12] mtime[12] chksum[8] type linkname[100] "ustar\0" "00" 0...
# chksum sums all bytes, its own eight counted as spaces.
function block(type, mode, size,   m, z) {
  m = sprintf("%07d", mode)
  z = sprintf("%011o", size)
  return NAME m NUL ZERO7 NUL ZERO7 NUL z NUL ZERO11 NUL \
    sprintf("%06o", FIXED + digits_sum(m) + digits_sum(z) + code[type]) NUL " " type NUL100 "ustar" NUL "00" NUL247
}
# header TYPE MODE RECORDS: the pax header and the header. A comment fills the last block of the records.
function header(type, mode, records,   room) {
  room = 512 - length(records) % 512
  if (room < 100) room += 512
  # "NNN comment=...\n" has 13 bytes around its text. The length in front must have three digits.
  records = records sprintf("%03d comment=%s\n", room, substr(FILL, 1, room - 13))
  return block("x", "0", length(records)) records block(type, mode, 0)
}
function decode(text) {
  if (index(text, "\\")) {
    gsub(/\\011/, "\t", text)
    gsub(/\\012/, "\n", text)
    gsub(/\\134/, "\\", text)
  }
  return text
}
BEGIN {
  FS = "\t"
  NUL = sprintf("%c", 0)
  for (i = 0; i < 247; i++) NUL247 = NUL247 NUL
  NUL100 = substr(NUL247, 1, 100)
  for (i = 0; i < 600; i++) { FILL = FILL "-"; X = X "x" }
  NAME = "./" substr(X, 1, 98)
  ZERO7 = "0000000"
  ZERO11 = "00000000000"
  # "./" + 98 "x" + 25 fixed zeros + eight spaces + "ustar" + "00"
  FIXED = 46 + 47 + 98 * 120 + 25 * 48 + 8 * 32 + 117 + 115 + 116 + 97 + 114 + 96
  code["x"] = 120; code["0"] = 48; code["1"] = 49; code["2"] = 50; code["5"] = 53
}
