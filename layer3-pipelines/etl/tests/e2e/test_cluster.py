"""A real master and two real workers from the pip package."""

import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from bench.generate import write

from hop_etl import cluster, cluster_run, processes
from hop_etl.errors import EtlError


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.setenv("HOP_RUN_DIR", str(tmp_path / "my köln run"))
    monkeypatch.delenv("KEEP_SPARK", raising=False)
    return Path(tmp_path / "my köln run")


def ours() -> list[int]:
    running = psutil.process_iter(["cmdline"])
    return [one.pid for one in running if processes.label() in (one.info["cmdline"] or [])]


def test_two_workers_write_the_same_tables_and_nothing_is_left(tmp_path, capfd):
    write(tmp_path / "access log", 5_000)
    assert cluster_run.main([str(tmp_path / "access log")]) == 0
    out = capfd.readouterr().out
    assert out.count("worker-2") == 2
    assert "rows equal to local[*]" in out
    assert ours() == []


def test_a_cluster_without_workers_is_refused_in_time(tmp_path, monkeypatch):
    asked = cluster.Cluster.alive_workers

    def once(self):
        """From here on the master is there, and nothing else is worth waiting for."""
        self.start_within_s = 0
        return asked(self)

    monkeypatch.setattr(cluster.Cluster, "alive_workers", once)
    with pytest.raises(EtlError, match="waiting for 1 worker"):
        cluster.Cluster(tmp_path / "cluster", workers=0).__enter__()
    assert ours() == []


def test_what_a_killed_run_leaves_is_ended(tmp_path, here):
    code = f"""
import os, pathlib
from hop_etl.cluster import Cluster
Cluster(pathlib.Path({str(tmp_path / "cluster")!r}), workers=1).__enter__()
os.kill(os.getpid(), 9)
"""
    killed = subprocess.run([sys.executable, "-c", code], timeout=200)
    assert killed.returncode == -9
    assert len(ours()) == 2
    assert cluster.end_leftovers() == 2
    assert ours() == []
