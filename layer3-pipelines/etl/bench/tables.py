"""What the generator knows beforehand, counted from tables."""

from hop_etl.rows import COLUMNS, Rows


def totals(found: Rows) -> dict[str, int]:
    """Requests, clicks and rejected lines of all rows, under the generator's names."""
    sli, rejects = found["sli"], found["rejects"]
    at = list(COLUMNS["sli"]).index
    return {
        "total": sum(row[at("total")] for row in sli),
        "good": sum(row[at("good")] for row in sli),
        "slow": sum(row[at("slow")] for row in sli),
        "clicks": sum(row[2] for row in found["clicks"]),
        "rejected": sum(row[3] for row in rejects),
    } | {f"rejected_{row[1]}": row[3] for row in rejects}
