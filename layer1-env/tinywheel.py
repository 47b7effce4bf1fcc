"""A wheel of one small package, made here: so a lesson or a lab needs no index.

Usage: python -m tinywheel FOLDER NAME VERSION [REQUIREMENT...]
"""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

# The same bytes each time: no clock in it.
WHEN = (2026, 1, 1, 0, 0, 0)


# region: wheel
def wheel(
    folder: Path, name: str, version: str, *, needs: Sequence[str] = (), more: str = ""
) -> Path:
    """Write the wheel of a package that knows its version; ``more`` is further code in it."""
    info = f"{name}-{version}.dist-info"
    required = "".join(f"Requires-Dist: {each}\n" for each in needs)
    files = {
        f"{name}/__init__.py": f'VERSION = "{version}"\n{more}',
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{required}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in (*files, f"{info}/RECORD"))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for member, text in files.items():
            archive.writestr(zipfile.ZipInfo(member, WHEN), text)
    return path


# endregion

if __name__ == "__main__":
    wheel(Path(sys.argv[1]), sys.argv[2], sys.argv[3], needs=sys.argv[4:])
