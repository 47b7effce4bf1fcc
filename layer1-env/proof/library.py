"""1.2: slokit as a product, from the source to an index and back."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from publish import api, build, index, version

from layerctl import environments
from layerctl.environments import UV_HOME, uv_environment
from layerctl.errors import LayerctlError
from layerctl.paths import PROJECTS
from proof.steps import require

SLOKIT = PROJECTS["slokit"]
# Without the real servers and the property tests, which do not depend on how it was installed.
TESTS = ["tests/unit", "tests/e2e", "-k", "not properties and not memory", "-p", "no:cacheprovider"]


def empty(folder: Path) -> Path:
    """An environment without any package."""
    environments.uv("proof", f"making {folder}", "venv", "--quiet", folder)
    return folder


def tested(made: build.Built, work: Path) -> int:
    """Install the wheel and run the tests that the sdist carries; how many passed."""
    venv = empty(work / "installed")
    place = ("pip", "sync", "--python", venv, "--require-hashes", SLOKIT / "requirements-dev.txt")
    environments.uv("proof", "installing what the tests need", *place)
    into = ("pip", "install", "--python", venv, "--no-deps", made.wheel)
    environments.uv("proof", "installing the wheel", *into)
    shutil.unpack_archive(made.sdist, work / "source", filter="data")
    (source,) = (work / "source").iterdir()
    # Only the wheel may answer to the name.
    shutil.rmtree(source / "src")
    done = subprocess.run(
        [venv / "bin/python", "-m", "pytest", "-q", *TESTS],
        cwd=source,
        # Hypothesis then sets no deadline: a busy machine is no fault of the wheel.
        env=os.environ | {"CI": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    last = (done.stdout.strip().splitlines() or ["nothing"])[-1]
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    claim = f"the installed wheel passes the tests of the sdist: {last}"
    require(claim, not done.returncode, failed)
    return int(last.split()[0])


def refused(what: str, status: str, server: index.Index, made: build.Built, key: str = "") -> None:
    """An upload that the index must refuse, with this HTTP status."""
    said = "accepted"
    try:
        index.upload(server, made, password=key)
    except LayerctlError as error:
        said = str(error)
    require(f"{what} is refused ({status})", f"HTTPError: {status}" in said, said)


def by_name(server: index.Index, made: build.Built, work: Path, *, digest: str) -> str:
    """Install by name from the index, at a hash; what uv said when it refused, else nothing."""
    name, number = made.wheel.name.split("-")[:2]
    listed = work / "by-name.txt"
    listed.write_text(f"{name}=={number} --hash=sha256:{digest}\n")
    env = uv_environment() | {"UV_DEFAULT_INDEX": server.simple(), "NO_PROXY": "127.0.0.1"}
    uv: list[str | Path] = [
        UV_HOME / "bin/uv",
        "pip",
        "install",
        "--no-cache",
        "--require-hashes",
        "-r",
        listed,
    ]
    venv = empty(work / f"by-name-{digest[:8]}")
    done = subprocess.run(
        [*uv, "--python", str(venv)], env=env, capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        program = [str(venv / "bin/slokit"), "--version"]
        said = subprocess.check_output(program, text=True).strip()
        require(f"installed by name: {said}", number in said, said)
        return ""
    return str(done.stderr)


def changed(wheel: Path, folder: Path) -> Path:
    """The wheel with one line more in it, under the same name."""
    folder.mkdir()
    target = folder / wheel.name
    shutil.copy(wheel, target)
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("slokit/extra.py", "print('not ours')\n")
    return target


def prove(facts: dict[str, Any]) -> None:
    """Build, compare, test, publish, install by name, refuse."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        made = build.twice(SLOKIT, work / "dist")
        hashes = made.hashes()
        digest = hashes[made.wheel.name]
        require(f"built twice, the same bytes: {made.wheel.name} {digest[:16]}...", hashes)
        wheel, sdist = build.contents(made)
        require(
            "the sdist has the tests, the wheel does not",
            "tests/made.py" in sdist and not any("tests/" in n for n in wheel),
        )
        require("both have the licence", any("LICENSE" in n for n in wheel) and "LICENSE" in sdist)
        facts |= version.check(SLOKIT) | api.check(SLOKIT)
        facts |= {"wheel_files": len(wheel), "sdist_files": len(sdist), "wheel_sha256": digest}
        facts["tests_passed"] = tested(made, work)
        with index.serve(work / "packages") as server:
            refused("a wrong password", "403", server, made, "wrong")
            index.upload(server, made)
            refused("the same version again", "400", server, made)
            require("installed from the index", not by_name(server, made, work, digest=digest))
            wrong = changed(made.wheel, work / "changed")
            shutil.copy(wrong, server.packages)
            said = by_name(server, made, work, digest=digest[::-1])
            require("a wheel that is not the locked one is refused", "Hash mismatch" in said, said)
        facts["uploads_refused"] = 2
