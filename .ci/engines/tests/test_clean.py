"""`make clean` removes exactly what carries our label, and leaves a foreign thing alone."""

from __future__ import annotations

import subprocess
import uuid
from collections.abc import Iterator

import pytest

from layerctl import labels
from layerctl.paths import checkout_id, toolchain

IMAGE = toolchain()["SYSTEMD_IMAGE"]
HOST = f"six-layers-systemd-{checkout_id()}"
# What the code under test takes for its checkout, so that the engines that run are left alone.
OURS, FOREIGN = "0123456789ab", "ba9876543210"


def docker(*arguments: str) -> str:
    return labels.call("docker", *arguments).strip()


def build(checkout: str, tag: str, word: str) -> str:
    """An image with a checkout's label; its id."""
    done = subprocess.run(
        ["docker", "build", "-q", "--label", f"six-layers={checkout}", "-t", tag, "-"],
        input=f"FROM scratch\nENV WORD={word}{checkout}\n",
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def make(checkout: str, word: str) -> dict[str, str]:
    """A container, a network, a volume and an image with a checkout's label; their names."""
    label = ("--label", f"six-layers={checkout}")
    names = {kind: f"six-layers-{kind}-{word}-{checkout}" for kind in labels.DOCKER}
    names["image"] = f"six-layers/{word}:{checkout}"
    build(checkout, names["image"], word)
    docker("network", "create", *label, names["network"])
    docker("volume", "create", *label, names["volume"])
    mount = ("-v", f"{names['volume']}:/data", "--network", names["network"])
    docker("create", *label, "--name", names["container"], *mount, IMAGE, "sleep", "600")
    return names


def there(names: dict[str, str]) -> set[str]:
    found = set()
    for kind, name in names.items():
        command = ["docker", kind, "inspect", name]
        if subprocess.run(command, capture_output=True).returncode == 0:
            found.add(kind)
    return found


@pytest.fixture
def things(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    if subprocess.run(["docker", "image", "inspect", IMAGE], capture_output=True).returncode:
        pytest.skip(f"no image {IMAGE}. Enable: .ci/engines/base-image {IMAGE}")
    word = uuid.uuid4().hex[:6]
    monkeypatch.setattr(labels, "checkout_id", lambda: OURS)
    yield make(OURS, word), make(FOREIGN, word)
    for checkout in (OURS, FOREIGN):
        monkeypatch.setattr(labels, "checkout_id", lambda checkout=checkout: checkout)
        labels.remove()


@pytest.mark.docker
def test_ours_goes_and_is_listed_and_a_foreign_one_stays(
    things: tuple[dict[str, str], dict[str, str]],
) -> None:
    ours, foreign = things
    every = set(labels.DOCKER)
    assert (there(ours), there(foreign)) == (every, every)
    listed = labels.remove()
    assert (there(ours), there(foreign)) == (set(), every)
    assert sorted(listed) == sorted(f"{kind} {name}" for kind, name in ours.items())


@pytest.mark.docker
def test_an_image_that_lost_its_tag_goes_too(
    things: tuple[dict[str, str], dict[str, str]],
) -> None:
    ours, _ = things
    old, new = (build(OURS, ours["image"], word) for word in ("old", "new"))
    assert old != new
    listed = labels.remove()
    assert f"image {old}" in listed
    assert f"image {ours['image']}" in listed


@pytest.mark.docker
def test_down_stops_ours_and_keeps_it(things: tuple[dict[str, str], dict[str, str]]) -> None:
    ours, foreign = things
    for names in things:
        docker("start", names["container"])
    assert labels.stop() == [f"container {ours['container']}"]
    state = ("inspect", "-f", "{{.State.Running}}")
    assert docker(*state, ours["container"]) == "false"
    assert docker(*state, foreign["container"]) == "true"


@pytest.mark.kind
def test_a_cluster_of_ours_goes_and_a_foreign_one_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    # kind knows a cluster by the label of its nodes; these two never run.
    names = [f"six-layers-{checkout}" for checkout in (OURS, FOREIGN)]
    monkeypatch.setattr(labels, "checkout_id", lambda: OURS)
    for name in names:
        node = ("--label", f"io.x-k8s.kind.cluster={name}", "--name", f"{name}-control-plane")
        docker("create", "--label", "io.x-k8s.kind.role=control-plane", *node, IMAGE, "true")
    try:
        assert labels.clusters() == names[:1]
        assert f"kind cluster {names[0]}" in labels.remove()
        left = labels.call("kind", "get", "clusters").split()
        assert names[0] not in left
        assert names[1] in left
    finally:
        subprocess.run(["docker", "rm", "-f", *(f"{n}-control-plane" for n in names)], check=False)


@pytest.mark.systemd
def test_a_unit_with_our_mark_goes_and_a_foreign_one_stays() -> None:
    # Inside the host, layerctl runs from /checkout and computes that checkout's id itself.
    here = "PYTHONPATH=/checkout/layer2-tooling/layerctl/src python3 -c"
    code = "from layerctl import labels; print(labels.checkout_id())"

    def on_host(script: str) -> str:
        return docker("exec", HOST, "bash", "-ec", script)

    mine = on_host(f"{here} '{code}'")
    for name, checkout in (("ours", mine), ("foreign", FOREIGN)):
        timer = f"[Unit]\\nX-SixLayers={checkout}\\n[Timer]\\nOnCalendar=2099-01-01\\n"
        service = "[Service]\\nExecStart=/bin/true\\n"
        on_host(
            f"cd /etc/systemd/system; printf '{timer}' >{name}.timer;"
            f" printf '{service}' >{name}.service;"
            f" systemctl daemon-reload; systemctl start {name}.timer"
        )
    said = on_host(f"{here} 'from layerctl import labels; print(labels.remove())'")
    assert said == "['unit ours.timer']"
    active = "systemctl is-active ours.timer foreign.timer || true"
    assert on_host(active).split() == ["inactive", "active"]
    assert on_host("ls /etc/systemd/system/*.timer") == "/etc/systemd/system/foreign.timer"
    on_host(
        "systemctl stop foreign.timer; cd /etc/systemd/system;"
        " rm -f foreign.* ours.*; systemctl daemon-reload; systemctl reset-failed"
    )
