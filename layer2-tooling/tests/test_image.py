"""hop's image: what it holds, what a container of it may do, and how it stops."""

from __future__ import annotations

import copy
import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from proof.docker import (
    IMAGE,
    PYTHON,
    build,
    confined,
    container,
    docker,
    once,
    serving,
    thing,
)

from layerctl.labels import label
from proof import image as shown

pytestmark = pytest.mark.docker
RUN = IMAGE / "run"
BASE = "python:3.13-slim-trixie"
FAST_HEALTH = ("--health-interval=1s", "--health-retries=1", "--health-start-period=0s")
BUILDS = 3


def test_it_serves_confined_and_without_a_limit_the_check_is_red(image: str) -> None:
    with serving(image, *confined()) as (name, _):
        assert shown.liberties(shown.inside(name)) == []
    with serving(image, "--user", "0") as (name, _):
        wrong = shown.liberties(shown.inside(name))
    assert set(wrong) >= {
        "runs as another user than 65532",
        "has capabilities",
        "may gain privileges",
        "can write to its root",
        "has more than 128 MiB",
    }


def test_it_holds_no_shell_and_no_build_tool_and_its_base_does(image: str) -> None:
    assert shown.strangers(image) == set()
    assert {"bash", "dash", "dpkg"} <= shown.strangers(BASE)


def test_it_is_as_small_as_promised(image: str) -> None:
    found = shown.sizes(image)
    assert shown.too_large(found) == []
    assert found["base_mb"] + found["own_mb"] == pytest.approx(found["image_mb"], abs=0.1)
    assert shown.too_large({"image_mb": 100.1, "compressed_mb": 34.0}) == ["image_mb 100.1 > 100"]


def test_128_mib_are_enough_for_a_thousand_requests_and_20_are_not(image: str) -> None:
    with serving(image, *confined()) as (name, url):
        done = subprocess.run(
            ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}\n", f"{url}/[1-1000]"],
            capture_output=True,
            text=True,
        )
        assert set(done.stdout.split()) == {"404"}
        assert docker("inspect", "-f", "{{.State.OOMKilled}}", name) == "false"
    small = ("--memory", "20m", "--memory-swap", "20m", "-e", "HOP_TOKEN=test")
    with container(image, options=small) as name:
        # Killed from outside; the engine's own OOMKilled may come too late to be told.
        assert docker("wait", name) == "137"


@pytest.mark.parametrize(("signal", "status", "code"), [("TERM", "307", 0), ("KILL", "000", 137)])
def test_a_request_under_way_survives_sigterm_but_not_sigkill(
    image: str, signal: str, status: str, code: int
) -> None:
    with serving(image, "-e", "HOP_FAULTS=1") as (name, url):
        body = json.dumps({"target": "https://example.com/", "alias": "slow"})
        token = "authorization: Bearer test"
        link = ["-d", body, "-H", "content-type: application/json", f"{url}/api/v1/links"]
        subprocess.run(["curl", "-sSf", "-o", "/dev/null", "-H", token, *link], check=True)
        ask = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", "Hop-Fault: delay=2000"]
        with subprocess.Popen([*ask, f"{url}/slow"], stdout=subprocess.PIPE, text=True) as asking:
            time.sleep(0.5)
            started = time.monotonic()
            docker("kill", "-s", signal, name)
            assert int(docker("wait", name)) == code
            assert time.monotonic() - started < 10
            assert asking.communicate()[0] == status


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (("/app/bin/hop", "serve"), 143),
        # The control: what hop did before it had hop/start.py.
        ((PYTHON, "-c", "from hop.cli import main; main()", "serve"), 137),
    ],
    ids=["hop", "no-handler"],
)
def test_sigterm_in_the_first_second_is_heard_by_process_1(
    image: str, entry: tuple[str, ...], code: int, tmp_path: Path
) -> None:
    tmp_path.chmod(0o755)
    # Imported in place of the real one: what a slow disk or a busy machine does to the start.
    (tmp_path / "structlog.py").write_text("import time\nprint('importing')\ntime.sleep(60)\n")
    slow = ("-v", f"{tmp_path}:/slow:ro", "-e", "PYTHONPATH=/slow", "-e", "HOP_TOKEN=test")
    with container(image, *entry[1:], options=(*slow, "--entrypoint", entry[0])) as name:
        until(lambda: "importing" in docker("logs", name))
        docker("stop", "--time", "3", name)
        assert docker("inspect", "-f", "{{.State.ExitCode}}", name) == str(code)


def until(condition: Callable[[], bool], limit_s: float = 60) -> None:
    """Wait for what must become true."""
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def health(name: str) -> str:
    """The first verdict of Docker's health check."""
    for _ in range(300):
        state = docker("inspect", "-f", "{{.State.Health.Status}}", name)
        if state != "starting":
            return state
        time.sleep(0.1)
    return "starting"


def test_healthy_when_ready_and_unhealthy_without_a_schema(image: str) -> None:
    with serving(image, *FAST_HEALTH) as (name, _):
        assert health(name) == "healthy"
    with container(image, options=("-e", "HOP_TOKEN=test", *FAST_HEALTH)) as name:
        assert health(name) == "unhealthy"


def test_the_bill_of_materials_lists_what_is_installed(image: str) -> None:
    document, inventory = shown.bill(image), shown.installed(image)
    assert shown.listed(document) == inventory
    assert {"hop", "slokit", "fastapi"} <= {name for name, _ in inventory}
    shorter = copy.deepcopy(document)
    shorter["components"] = [c for c in document["components"] if c["name"] != "fastapi"]
    assert shown.listed(shorter) != inventory


def test_every_library_is_of_a_package_that_the_bill_lists(image: str) -> None:
    parts = shown.bill(image)["components"]
    owners = {c["name"] for c in parts if c.get("purl", "").startswith("pkg:deb/")}
    code = "import glob; print(*glob.glob('/usr/lib/*-linux-gnu/lib*.so*'))"
    inside = once(image, "-c", code, options=("--entrypoint", PYTHON)).split()
    found = once(BASE, "dpkg", "-S", *inside).splitlines()
    assert len(found) > 20
    assert {line.split(":")[0] for line in found} <= owners


def test_it_says_what_it_is(image: str) -> None:
    labels = json.loads(docker("inspect", "-f", "{{json .Config.Labels}}", image))
    named = {key.rpartition(".")[2] for key in labels if key.startswith("org.opencontainers.")}
    assert named == {"title", "description", "licenses", "version", "revision", "name"}
    assert labels["org.opencontainers.image.version"] == once(image, "--version")
    assert label() in {f"{key}={value}" for key, value in labels.items()}


def test_built_again_without_the_cache_every_layer_is_the_same(image: str) -> None:
    tag = f"six-layers/test:{image.rpartition(':')[2]}"
    build(tag, "--no-cache")
    first, again = shown.layers(image), shown.layers(tag)
    for _ in range(BUILDS):
        if first == again:
            break
        # On a cached parent BuildKit writes the same files in another order: `hop-0.1.0.dist-info`
        # before what is in `hop`. So only builds without the cache can be compared; and a build of
        # the same steps by another suite at the same moment is one with ours, cache or not.
        build(tag, "--no-cache")
        first, again = again, shown.layers(tag)
    # Another time stamp: the check must see it. Only in the layer whose contents carry it, because
    # BuildKit's cache knows a COPY by contents and would reuse the others.
    build(tag, "--build-arg", "SOURCE_DATE_EPOCH=400000000")
    other = shown.layers(tag)
    docker("rmi", tag)
    assert again == first
    assert other[2] != again[2]


def test_arm64_is_built_and_runs_where_an_emulator_exists(image: str) -> None:
    """Needs the official base too: a stand-in has one architecture."""
    if not Path("/proc/sys/fs/binfmt_misc/qemu-aarch64").exists():
        enable = "docker run --privileged --rm tonistiigi/binfmt --install arm64"
        pytest.skip(f"no emulator for arm64 is registered. Enable: {enable}")
    if docker("inspect", "-f", '{{index .Config.Labels "six-layers.stand-in"}}', BASE) == "yes":
        pytest.skip(f"{BASE} is a stand-in of one architecture. Enable: docker pull {BASE}")
    tag = f"six-layers/test-arm64:{image.rpartition(':')[2]}"
    arm64 = ("--platform", "linux/arm64")
    build(tag, *arm64)
    code = "import platform; print(platform.machine())"
    options = (*arm64, "--entrypoint", PYTHON)
    assert once(tag, "-c", code, options=options) == "aarch64"
    assert once(tag, "--version", options=arm64) == once(image, "--version")
    # The control: the same question to the image of this machine.
    assert once(image, "-c", code, options=("--entrypoint", PYTHON)) != "aarch64"
    docker("rmi", tag)


def test_a_named_volume_survives_its_container(image: str) -> None:
    with thing("volume") as volume:
        for expected in (0, 1):  # the second container finds what the first one left
            with serving(image, volume=volume) as (_, url):
                token = "authorization: Bearer test"
                get = ["curl", "-sSf", "-H", token, f"{url}/api/v1/links"]
                done = subprocess.run(get, capture_output=True, text=True, check=True)
                assert len(json.loads(done.stdout)["items"]) == expected
                body = json.dumps({"target": "https://example.com/", "alias": f"a-{expected}"})
                post = ["-d", body, "-H", "content-type: application/json"]
                subprocess.run([*get[:4], *post, get[4]], capture_output=True, check=True)
