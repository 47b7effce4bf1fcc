"""Which process has a port. Linux tells by /proc; elsewhere the answer is None."""

from __future__ import annotations

from pathlib import Path

LISTEN = "0A"


def owner(port: int, *, proc: Path = Path("/proc")) -> str | None:
    """``name (pid 123)``, or None where that cannot be seen (another user's process)."""
    wanted = {f"socket:[{inode}]" for inode in _inodes(port, proc)}
    if not wanted:
        return None
    for link in proc.glob("[0-9]*/fd/*"):
        try:
            if str(link.readlink()) in wanted:
                folder = link.parent.parent
                return f"{(folder / 'comm').read_text().strip()} (pid {folder.name})"
        except OSError:
            continue
    return None


def _inodes(port: int, proc: Path) -> set[str]:
    found = set()
    for table in ("tcp", "tcp6"):
        try:
            rows = (proc / "net" / table).read_text().splitlines()[1:]
        except OSError:
            continue
        for row in rows:
            fields = row.split()
            if fields[3] == LISTEN and int(fields[1].rsplit(":", 1)[1], 16) == port:
                found.add(fields[9])
    return found
