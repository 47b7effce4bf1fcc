# Earlier manifest (kind=old) and scan (kind=new) to entries. "?" stands for a content (column 10) or
# extended attributes (13) that must be read, because size, times and inode are not those of before;
# their paths also go to the files to_read and to_ask. Needs time.awk.
BEGIN { FS = OFS = "\t" }
kind == "old" {
  if ($1 == "#") next
  stamp = $5 " " $6 " " $7 " " $8
  # A flag "c": it changed while it was read, so what was kept is not what a stamp stands for.
  if ($1 == "f" && $9 !~ /c/) content[$11, stamp] = $10
  attributes[$11, $7 " " $8] = $13
  seen[$11, $7 " " $8] = 1
  next
}
{
  split($1, s, " ")
  path = $2 == "" ? "." : $2
  type = s[1]
  mtime = decimal(s[6])
  ctime = decimal(s[7])
  flags = "-"
  sha = "-"
  target = $3
  if (path == ".") device = s[11]
  else if (type == "d" && s[11] != device) printf "another file system, not entered: %s\n", path >mounts
  if (type == "f" && s[9] > 1) {
    if ((s[11], s[8]) in first) { type = "h"; target = first[s[11], s[8]] }
    else first[s[11], s[8]] = path
  }
  if (type == "f") {
    if (s[5] > 0 && s[10] * 512 < s[5]) flags = "s"
    stamp = s[5] " " mtime " " ctime " " s[8]
    sha = (path, stamp) in content ? content[path, stamp] : "?"
    if (sha == "?") {
      print path >to_read
      if (hot < ctime + 0) hot = ctime + 0
    }
  }
  xattrs = ""
  if (type == "f" || type == "d") xattrs = (path, ctime " " s[8]) in seen ? attributes[path, ctime " " s[8]] : "?"
  if (xattrs == "?") print path >to_ask
  print type, s[2], s[3], s[4], s[5], mtime, ctime, s[8], flags, sha, path, target, xattrs
}
END { printf "%.3f\n", hot >newest }
