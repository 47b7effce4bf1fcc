"""Pod network of a stand-in node: a ptp configuration of its own, and routes to the others."""

import json
import os
import ssl
import subprocess
import time
import urllib.request
from pathlib import Path

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
CONFIGURATION = Path("/etc/cni/net.d/10-ptp.conflist")
PAUSE_S = 5


def nodes() -> list[dict]:
    """All nodes, as the API server has them."""
    token = (ACCOUNT / "token").read_text()
    request = urllib.request.Request(
        f"https://{os.environ['KUBERNETES_SERVICE_HOST']}/api/v1/nodes",
        headers={"Authorization": f"Bearer {token}"},
    )
    context = ssl.create_default_context(cafile=str(ACCOUNT / "ca.crt"))
    with urllib.request.urlopen(request, context=context, timeout=10) as answer:  # noqa: S310
        return json.load(answer)["items"]


def configure(subnet: str) -> None:
    """Tell containerd how to connect this node's pods; the move makes it one step."""
    ipam = {
        "type": "host-local",
        "dataDir": "/run/cni-ipam-state",
        "routes": [{"dst": "0.0.0.0/0"}],
        "ranges": [[{"subnet": subnet}]],
    }
    plugins = [
        {"type": "ptp", "ipMasq": False, "mtu": 1500, "ipam": ipam},
        {"type": "portmap", "capabilities": {"portMappings": True}},
    ]
    text = json.dumps({"cniVersion": "0.4.0", "name": "pods", "plugins": plugins})
    if not CONFIGURATION.exists() or CONFIGURATION.read_text() != text:
        partial = CONFIGURATION.with_suffix(".tmp")
        partial.write_text(text)
        partial.rename(CONFIGURATION)


def masquerade(pods: str) -> None:
    """What leaves the pod network takes the node's address."""
    match = ["POSTROUTING", "-s", pods, "!", "-d", pods, "-j", "MASQUERADE"]
    if subprocess.run(["iptables", "-t", "nat", "-C", *match], capture_output=True).returncode:
        subprocess.run(["iptables", "-t", "nat", "-A", *match], check=True)


def once() -> None:
    """Bring routes up to date with the nodes that there are."""
    for node in nodes():
        addresses = {a["type"]: a["address"] for a in node["status"]["addresses"]}
        subnet = node["spec"].get("podCIDR")
        if subnet and node["metadata"]["name"] == os.environ["NODE_NAME"]:
            configure(subnet)
        elif subnet:
            route = ["ip", "route", "replace", subnet, "via", addresses["InternalIP"]]
            subprocess.run(route, check=True)
    masquerade(os.environ["POD_SUBNET"])


if __name__ == "__main__":
    while True:
        once()
        time.sleep(PAUSE_S)
