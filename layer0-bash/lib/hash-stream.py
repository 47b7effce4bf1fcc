"""Is standard input these contents, one after the other? For ops verify; exits with 0 or 1.

Usage: hash-stream.py LIST, a file of lines "SHA256.zst SIZE".

sha256sum knows where a file ends, not where a part of a stream does; and to make twenty thousand
files for it costs more than to decompress and to hash them. Without Python, files are made.
"""

import hashlib
import sys
from pathlib import Path


def matches(lines: list[str]) -> bool:
    """All or nothing: what is too long shows in the next content, or at the end."""
    buffer = memoryview(bytearray(1 << 20))
    with open(0, "rb", buffering=0, closefd=False) as stream:
        for line in lines:
            name, size = line.split()
            digest = hashlib.sha256()
            left = int(size)
            while left:
                count = stream.readinto(buffer[: min(left, len(buffer))])
                if not count:
                    return False
                digest.update(buffer[:count])
                left -= count
            if digest.hexdigest() != name.removesuffix(".zst"):
                return False
        return not stream.read(1)


if __name__ == "__main__":
    sys.exit(not matches(Path(sys.argv[1]).read_text("ascii").splitlines()))
