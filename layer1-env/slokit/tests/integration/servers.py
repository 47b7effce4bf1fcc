"""Real nginx and Apache, started unprivileged on a free loopback port in a given directory."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

NGINX = """
daemon off; master_process off; pid {dir}/pid; error_log {dir}/error.log;
events {{ worker_connections 64; }}
http {{
  client_body_temp_path {dir}/t; proxy_temp_path {dir}/t; fastcgi_temp_path {dir}/t;
  uwsgi_temp_path {dir}/t; scgi_temp_path {dir}/t;
  log_format common '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent';
  log_format extended '$remote_addr - $remote_user [$time_local] "$request" $status '
    '$body_bytes_sent "$http_referer" "$http_user_agent" "$http_x_forwarded_for"';
  log_format json escape=json '{{"time_iso8601":"$time_iso8601","remote_addr":"$remote_addr",'
    '"request":"$request","request_method":"$request_method","request_uri":"$request_uri",'
    '"status":$status,"body_bytes_sent":$body_bytes_sent,"request_time":$request_time,'
    '"http_referer":"$http_referer","http_user_agent":"$http_user_agent"}}';
  access_log {dir}/common.log common;
  access_log {dir}/combined.log combined;
  access_log {dir}/extended.log extended;
  access_log {dir}/json.log json;
  server {{
    listen 127.0.0.1:{port}; {six}
    location / {{ return 200 "hello\\n"; }}
    location /broken {{ return 503; }}
  }}
}}
"""

APACHE = """
ServerRoot "{dir}"
ServerName localhost
PidFile "{dir}/pid"
DefaultRuntimeDir "{dir}"
Mutex file:{dir}
Listen 127.0.0.1:{port}
{six}
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule alias_module {modules}/mod_alias.so
{user}
ErrorLog "{dir}/error.log"
LogFormat "%h %l %u %t \\"%r\\" %>s %b" common
LogFormat "%h %l %u %t \\"%r\\" %>s %O \\"%{{Referer}}i\\" \\"%{{User-Agent}}i\\"" combined
LogFormat "%v:%p %h %l %u %t \\"%r\\" %>s %O \\"%{{Referer}}i\\" \\"%{{User-Agent}}i\\"" vhost
LogFormat "%h %l %u %t \\"%r\\" %>s %B \\"%{{Referer}}i\\" \\"%{{User-Agent}}i\\" %D" extended
CustomLog "{dir}/common.log" common
CustomLog "{dir}/combined.log" combined
CustomLog "{dir}/vhost.log" vhost
CustomLog "{dir}/extended.log" extended
DocumentRoot "{dir}/www"
Redirect 503 /broken
"""


MODULES = "/usr/lib/apache2/modules"  # Debian's place


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@contextmanager
def running(name: str, directory: Path) -> Iterator[int]:
    """Starts ``nginx`` or ``apache2``; gives its port; stops it, so that all is logged."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        package = {"nginx": "nginx-light", "apache2": "apache2-bin"}[name]
        pytest.skip(f"{name} is not installed: apt-get install {package}")
    port = free_port()
    config = directory / "server.conf"
    (directory / "www").mkdir()
    (directory / "www" / "index.html").write_text("hello\n")
    six = f"[::1]:{port}" if has_ipv6() else ""
    if name == "nginx":
        text = NGINX.format(dir=directory, port=port, six=six and f"listen {six};")
        command = [found, "-p", str(directory), "-c", str(config)]
    else:
        # as root Apache insists on a user to become, who must reach the documents
        user = "User www-data\nGroup www-data" if os.geteuid() == 0 else ""
        six = six and f"Listen {six}"
        text = APACHE.format(dir=directory, port=port, six=six, user=user, modules=MODULES)
        command = [found, "-X", "-d", str(directory), "-f", str(config)]
    config.write_text(text)
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        try:
            _wait(process, port)
            yield port
        finally:
            process.terminate()
            process.wait(timeout=20)


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if process.poll() is not None:
            said = process.stderr.read().decode() if process.stderr else ""
            raise RuntimeError(f"the server ended with {process.returncode}: {said}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the server did not listen within 20 s")


def send(port: int, data: bytes, host: str = "127.0.0.1") -> int:
    """Sends raw bytes; returns the status that came back, 0 if none did."""
    with socket.create_connection((host, port), timeout=10) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        try:
            while chunk := connection.recv(65536):
                answer += chunk
        except ConnectionResetError:  # it hung up before it had read all; the answer is there
            pass
    head = answer.split(b" ", 2)
    return int(head[1]) if head[0].startswith(b"HTTP/") else 0
