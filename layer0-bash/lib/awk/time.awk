# find prints seconds and nanoseconds side by side, with ten decimals: half a second before 1970 is
# -1.5000000000. As the decimal number that touch and tar mean, with nine decimals, that is -0.500000000.
function decimal(time,   point, seconds, rest) {
  time = substr(time, 1, length(time) - 1)
  if (time !~ /^-/) return time
  point = index(time, ".")
  seconds = substr(time, 2, point - 2)
  rest = substr(time, point + 1) + 0
  if (rest == 0) return time
  return sprintf("-%d.%09d", seconds - 1, 1000000000 - rest)
}
