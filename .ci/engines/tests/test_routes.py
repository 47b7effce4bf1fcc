"""The program that keeps a stand-in node's routes does not end when the API server is away."""

from __future__ import annotations

import os
import subprocess
import sys

from layerctl.paths import ROOT

ROUTES = ROOT / ".ci/engines/kind/routes.py"


def test_a_node_that_is_cut_off_tries_again() -> None:
    nowhere = {"KUBERNETES_SERVICE_HOST": "127.0.0.1:1", "NODE_NAME": "x", "POD_SUBNET": "x"}
    with subprocess.Popen(
        [sys.executable, "-u", str(ROUTES)],
        env=os.environ | nowhere,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as running:
        try:
            assert running.stdout is not None
            assert "Next attempt in 5 s" in running.stdout.readline()
            assert running.poll() is None
        finally:
            running.kill()
