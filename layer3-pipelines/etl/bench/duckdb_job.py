"""The same three tables by DuckDB, in one process: ``duckdb_job.py LOG OUT``.

Printed beside Spark's figures because at these sizes it wins. It stays on one machine.
"""

import sys
from pathlib import Path

import duckdb

FIELDS = (
    *("v", "ts", "method", "route", "status"),
    *("duration_ms", "slug", "client", "release", "colour"),
)
INTERNAL = ("/livez", "/readyz", "/healthz", "/metrics", "/version", "/docs", "/openapi.json")
PATHS = ", ".join(f"'$.{field}'" for field in FIELDS)
NAMED = ", ".join(f"told[{at}] AS {field}" for at, field in enumerate(FIELDS, start=1))

# A delimiter that no log holds makes a line one column; the limit is slokit's.
LINES = """
CREATE TABLE lines AS
WITH raw AS (
  SELECT coalesce(line, '') AS line
  FROM read_csv(?, columns = {'line': 'VARCHAR'}, delim = '\x1e', quote = '', escape = '',
                header = false, auto_detect = false, null_padding = true, new_line = '\\n',
                max_line_size = 262144)
), parsed AS (
  SELECT line, CASE WHEN json_valid(line) THEN json_extract_string(line, [PATHS]) END AS told
  FROM raw
), named AS (SELECT line, told, NAMED FROM parsed)
SELECT
  CASE WHEN trim(line) = '' THEN 'blank'
       WHEN told IS NULL THEN 'json'
       WHEN v <> '1' THEN 'version'
       WHEN NOT regexp_full_match(status, '[1-5][0-9][0-9]') THEN 'status' END AS reason,
  CASE WHEN reason IS NOT NULL THEN line[1:200] END AS sample,
  try_cast(ts AS TIMESTAMPTZ) AS ts, method, route, try_cast(status AS INT) AS status,
  try_cast(duration_ms AS DOUBLE) AS duration_ms, slug, client, release, colour
FROM named
""".replace("PATHS", PATHS).replace("NAMED", NAMED)

CLICKS = """
SELECT date_trunc('hour', ts) AS hour, slug, count(*) AS clicks,
       count(DISTINCT client) AS clients
FROM lines WHERE reason IS NULL AND slug IS NOT NULL AND method = 'GET' AND status = 307
GROUP BY ALL
"""

SLI = """
SELECT date_trunc('hour', ts) AS hour, time_bucket(INTERVAL 300 SECONDS, ts) AS window_start,
       300 AS window_s, route, release, colour, count(*) AS total,
       count(*) FILTER (status < 500) AS good, count(duration_ms) AS timed,
       count(*) FILTER (duration_ms > 250) AS slow, 250.0::DOUBLE AS threshold_ms
FROM lines WHERE reason IS NULL AND route NOT IN INTERNAL GROUP BY ALL
""".replace("INTERNAL", str(INTERNAL))

REJECTS = """
SELECT ? AS file, reason, min(sample) AS sample, count(*) AS lines
FROM lines WHERE reason IS NOT NULL GROUP BY ALL
"""


def main(log: str, out: str) -> None:
    """Run the job."""
    database = duckdb.connect()
    database.execute("SET TimeZone = 'UTC'")
    database.execute(LINES, [log])
    for name, query, values in (
        ("clicks", CLICKS, []),
        ("sli", SLI, []),
        ("rejects", REJECTS, [log]),
    ):
        folder = Path(out) / name
        folder.mkdir(parents=True, exist_ok=True)
        target = str(folder / "part.parquet").replace("'", "''")
        database.execute(f"COPY ({query}) TO '{target}' (FORMAT parquet)", values)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
