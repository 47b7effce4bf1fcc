"""Set-up without network, disk or a writable home: one message, and nothing half-made."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from layerctl.paths import ROOT, RUN

QUICK = "slokit"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A checkout in which nothing is installed, not even uv."""
    target = tmp_path / "a clone"
    for folder in ("layer1-env", "layer2-tooling/layerctl"):
        ignore = shutil.ignore_patterns("__pycache__", ".mypy_cache", "tests", "lessons")
        shutil.copytree(ROOT / folder, target / folder, ignore=ignore)
    return target


def bootstrap(clone: Path, *arguments: str, **env: str) -> tuple[int, str]:
    base = {
        "HOME": str(clone.parent / "home"),
        "PATH": "/usr/bin:/bin",
        "SIX_LAYERS_PYTHON": (RUN / "python").read_text().strip(),
    }
    command = ["bash", str(clone / "layer1-env/bootstrap.sh"), *arguments]
    done = subprocess.run(
        command, env=base | env, capture_output=True, text=True, timeout=300, check=False
    )
    return done.returncode, done.stdout + done.stderr


@contextmanager
def proxy() -> Iterator[tuple[str, list[str]]]:
    """A proxy that refuses everything; its address, and the first lines of what it was asked."""
    asked: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        # The end of the test ends the thread: accept fails on a closed socket.
        def refuse() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    asked.append(connection.recv(4096).split(b"\r\n")[0].decode())
                    connection.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")

        threading.Thread(target=refuse, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", asked
        server.shutdown(socket.SHUT_RDWR)


def test_no_network_is_one_message_and_the_proxy_is_asked(clone: Path) -> None:
    with proxy() as (address, asked):
        away = dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"), address)
        code, said = bootstrap(clone, QUICK, PIP_RETRIES="0", **away)
    assert code == 1
    assert "the package index does not answer" in said
    assert "HTTPS_PROXY" in said
    assert "Traceback" not in said
    assert asked
    assert not (clone / ".run/venv").exists()
    assert bootstrap(clone, "--check", QUICK)[0] == 1


def test_a_cache_that_was_filled_elsewhere_needs_no_network(clone: Path, tmp_path: Path) -> None:
    """uv's wheel, and what uv has fetched, carried to a machine without a network."""
    cache = tmp_path / "carried"
    code, said = bootstrap(clone, QUICK, SIX_LAYERS_CACHE=str(cache), HOME=os.environ["HOME"])
    assert code == 0, said
    assert list((cache / "wheels").glob("uv-*.whl"))
    second = tmp_path / "another clone"
    shutil.copytree(clone, second, ignore=shutil.ignore_patterns(".run"))
    with proxy() as (address, asked):
        away = dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"), address)
        code, said = bootstrap(second, QUICK, SIX_LAYERS_CACHE=str(cache), **away)
    assert code == 0, said
    assert asked == []
    assert (second / ".run/venv/slokit/bin/slokit").exists()


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[Path]:
    """A small file system of memory; needs root."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting needs root. Enable: sudo make test")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_one_message(clone: Path) -> None:
    with mounted(clone / ".run", "size=1m"):
        code, said = bootstrap(clone, QUICK)
        assert code == 1
        assert "the disk is full" in said
        assert "Traceback" not in said
        assert not (clone / ".run/venv").exists()


def test_a_home_that_cannot_be_written_names_the_variable_to_set(clone: Path) -> None:
    with mounted(clone.parent / "home", "ro"):
        code, said = bootstrap(clone, QUICK)
        assert code == 1
        assert "a folder cannot be written" in said
        assert "SIX_LAYERS_CACHE=" in said
        assert "Traceback" not in said
        assert not (clone / ".run/venv").exists()
