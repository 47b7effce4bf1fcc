# An access log of hop (schema v1), the same for the same seed: variables lines and seed.
function next_number(limit) { seed = (seed * 16807) % 2147483647; return seed % limit }
BEGIN {
  split("abc hop docs go x9", slugs, " ")
  for (i = 0; i < lines; i++) {
    kind = next_number(100)
    slug = slugs[1 + next_number(5)]
    ms = 1 + next_number(80) + (next_number(50) == 0) * 400
    method = "GET"; route = "/{slug}"; path = "/" slug; status = 307; quoted = "\"" slug "\""
    if (kind < 3) { status = 503 }
    else if (kind < 8) { status = 404 }
    else if (kind < 18) { route = "/healthz"; path = "/healthz"; status = 200; quoted = "null" }
    else if (kind < 25) { method = "POST"; route = "/api/v1/links"; path = "/api/v1/links"; status = 201; quoted = "null" }
    if (kind == 99) { print "not a log line " i; continue }
    printf "{\"v\":1,\"ts\":\"2026-11-23T10:%02d:%02d.%03dZ\",\"request_id\":\"r%d\",\"method\":\"%s\",\"route\":\"%s\",\"path\":\"%s\",\"status\":%d,\"duration_ms\":%d.5,\"bytes_out\":%d,\"slug\":%s,\"client\":\"%016x\",\"user_agent\":\"lesson\",\"referer\":null,\"trace_id\":null,\"release\":\"1.0.0\",\"colour\":null}\n", int(i / 60) % 60, i % 60, i % 1000, i, method, route, path, status, ms, next_number(900), quoted, next_number(40)
  }
}
