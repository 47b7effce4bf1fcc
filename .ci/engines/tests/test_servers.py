"""Servers and the browser work, and each one's own check goes red on a planted fault."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import need

from layerctl.errors import LayerctlError
from layerctl.waits import until

RULES = """groups:
- name: planted
  rules:
  - {{alert: Down, expr: {expr}}}
"""
ROUTES = "route: {{receiver: {name}}}\nreceivers: [{{name: somebody}}]\n"
HAPROXY = """defaults
  mode http
  timeout connect 1s
  timeout client 1s
  timeout server 1s
frontend in
  bind 127.0.0.1:1
  default_backend {name}
backend hop
  server one 127.0.0.1:1
"""
NGINX = (
    "pid {folder}/pid; error_log stderr; events {{}}\n"
    "http {{ access_log off; server {{ listen 127.0.0.1:1; {word} 204; }} }}\n"
)


def check(folder: Path, text: str, *command: str) -> int:
    """Write a configuration and run the server's own check of it."""
    path = folder / "configuration.yml"
    path.write_text(text)
    env = os.environ | {"PATH": f"{os.environ['PATH']}:/usr/sbin"}
    done = subprocess.run(
        [*command, str(path)], env=env, capture_output=True, timeout=60, check=False
    )
    return done.returncode


@pytest.mark.prometheus
@pytest.mark.parametrize(("expr", "ok"), [("up == 0", True), ("up == = 0", False)])
def test_a_bad_rule_is_red(tmp_path: Path, expr: str, ok: bool) -> None:
    text = RULES.format(expr=expr)
    assert (check(tmp_path, text, "promtool", "check", "rules") == 0) == ok


@pytest.mark.prometheus
@pytest.mark.parametrize(("name", "ok"), [("somebody", True), ("nobody", False)])
def test_a_route_to_nobody_is_red(tmp_path: Path, name: str, ok: bool) -> None:
    amtool = need("amtool", "prometheus")
    assert (check(tmp_path, ROUTES.format(name=name), amtool, "check-config") == 0) == ok


@pytest.mark.parametrize(("name", "ok"), [("hop", True), ("nothing", False)])
def test_a_proxy_to_nothing_is_red(tmp_path: Path, name: str, ok: bool) -> None:
    haproxy = shutil.which("haproxy", path="/usr/sbin:/usr/bin") or need("haproxy", "proxies")
    assert (check(tmp_path, HAPROXY.format(name=name), haproxy, "-c", "-f") == 0) == ok


@pytest.mark.parametrize(("word", "ok"), [("return", True), ("retrun", False)])
def test_a_bad_nginx_configuration_is_red(tmp_path: Path, word: str, ok: bool) -> None:
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin") or need("nginx", "proxies")
    text = NGINX.format(folder=tmp_path, word=word)
    assert (check(tmp_path, text, nginx, "-t", "-c") == 0) == ok


@pytest.mark.postgres
@pytest.mark.parametrize(("name", "ok"), [("max_connections", True), ("max_conections", False)])
def test_a_setting_that_postgres_does_not_know_is_red(tmp_path: Path, name: str, ok: bool) -> None:
    found = next(Path("/usr/lib/postgresql").glob("*/bin/postgres"), "postgres")
    (tmp_path / "postgresql.conf").write_text(f"{name} = 7\n")
    command = [str(found), "-C", "max_connections", "-D", str(tmp_path)]
    asked = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ((asked.returncode, asked.stdout) == (0, "7\n")) == ok, asked


@pytest.fixture
def prometheus(tmp_path: Path) -> Iterator[str]:
    """A live Prometheus that scrapes itself and a port at which nobody answers."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        port = one.getsockname()[1]
    (tmp_path / "prometheus.yml").write_text(
        "global: {scrape_interval: 1s}\nscrape_configs:\n"
        f"- {{job_name: here, static_configs: [{{targets: ['127.0.0.1:{port}']}}]}}\n"
        "- {job_name: away, static_configs: [{targets: ['127.0.0.1:1']}]}\n"
    )
    command = ["prometheus", f"--config.file={tmp_path}/prometheus.yml"]
    command += [f"--storage.tsdb.path={tmp_path}/data", f"--web.listen-address=127.0.0.1:{port}"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:
        yield f"http://127.0.0.1:{port}/api/v1/query?query=up"
        server.terminate()


@pytest.mark.prometheus
def test_a_target_that_is_away_is_red(prometheus: str) -> None:
    def up(job: str) -> bool:
        try:
            with urllib.request.urlopen(prometheus, timeout=5) as answer:
                said = answer.read().decode()
        except OSError:
            return False
        return any(f'"job":"{job}"' in row and row.count(',"1"]') for row in said.split("metric"))

    until("the target that answers", lambda: up("here"), 30)
    with pytest.raises(LayerctlError, match="did not happen"):
        until("the target that is away", lambda: up("away"), 2)


@pytest.mark.browser
@pytest.mark.parametrize(("script", "ok"), [("1 + 1", True), ("nothing.there", False)])
def test_a_page_whose_script_fails_is_red(tmp_path: Path, script: str, ok: bool) -> None:
    page = tmp_path / "page.html"
    page.write_text(f"<p id=p></p><script>p.textContent = 'sum ' + ({script})</script>")
    browser = shutil.which("chromium") or need("google-chrome", "browser")
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]
    command += [f"--user-data-dir={tmp_path}/profile", page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ("sum 2" in done.stdout) == ok, done.stderr
