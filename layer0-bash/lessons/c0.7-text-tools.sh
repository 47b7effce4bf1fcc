#!/usr/bin/env bash
# Lesson c0.7: grep, awk, sed, cut, xargs, find: ten questions to an access log; slokit agrees.
set -Eeuo pipefail
shopt -s inherit_errexit
# shellcheck source=layer0-bash/lessons/lesson.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lesson.bash"

mkdir logs
awk -v lines=3000 -v seed=7 -f "$here/lessons/log.awk" >logs/access.log
slokit=${SLOKIT:-$here/../.run/venv/slokit/bin/slokit}
data=$here/../layer1-env/slokit/src/slokit/data/formats.json

# agree QUESTION ANSWER KEY: print the answer; slokit's figure of that name must be the same.
agree() {
  local wanted
  printf '\n# %s\n%s\n' "$1" "$2"
  [[ -s tables.json ]] || return 0
  wanted=$(python3 -c 'import json, sys; print(eval(sys.argv[1], json.load(open("tables.json"))))' "$3")
  [[ $2 == "$wanted" ]] || {
    printf 'slokit says %s\n' "$wanted" >&2
    exit 1
  }
}

if [[ -x $slokit ]]; then
  "$slokit" tables logs/access.log >tables.json 2>/dev/null
else
  echo 'slokit is not set up, so nothing is compared. Next: layer1-env/bootstrap.sh slokit' >&2
fi

# The routes that do not count are listed once, in slokit's data.
sed -n '/"internal_routes"/,/]/p' "$data" | grep -o '"/[^"]*"' | sed 's/^/"route":/' >internal
grep '^{"v":1,' logs/access.log >events
grep -v -F -f internal events >user

agree '1. How many lines are there? (wc)' "$(wc -l <logs/access.log)" 'lines'
agree '2. How many are no events? (grep -vc)' "$(grep -vc '^{"v":1,' logs/access.log)" 'rejected'
agree '3. How many requests count, without health and metrics? (grep -F -f)' "$(wc -l <user)" 'total'
agree '4. How many of these were good: status below 500? (sed, awk)' \
  "$(sed 's/.*"status":\([0-9]*\).*/\1/' user | awk '$1 < 500' | wc -l)" 'good'
agree '5. How many were slow: above 250 ms? (awk -F)' \
  "$(awk -F '"duration_ms":' '{ split($2, rest, ","); if (rest[1] > 250) n++ } END { print n + 0 }' user)" 'slow'
agree '6. How many redirects were followed? (grep, twice)' \
  "$(grep '"method":"GET"' events | grep '"status":307' | grep -vc '"slug":null')" 'sum(row["clicks"] for row in clicks)'
agree '7. Which slug has most? (cut, sort, uniq)' \
  "$(grep '"status":307' events | grep -o '"slug":"[^"]*"' | cut -d '"' -f 4 | sort | uniq -c | sort -rn | awk 'NR == 1 { print $2 }')" \
  'max({r["slug"] for r in clicks}, key=lambda s: sum(r["clicks"] for r in clicks if r["slug"] == s))'
agree '8. When was the first counted request? (sed -n 1p)' "$(sed -n '1s/.*"ts":"\([^"]*\)".*/\1/p' user)" 'first'
agree '9. And the last? (tail, cut)' "$(tail -n 1 user | cut -d '"' -f 6)" 'last'

# Ten: over many files, with names that nobody likes. find and xargs pass them by NUL.
split -l 500 logs/access.log 'logs/part of '
rm logs/access.log
agree '10. The same count over all parts? (find -print0, xargs -0, grep -h)' \
  "$(find logs -name 'part of *' -print0 | sort -z | xargs -0 grep -h '^{"v":1,' | grep -vcF -f internal)" 'total'
