"""Pod network of a stand-in node: a ptp configuration, routes to the others, policies asked for."""

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
# The agent beside us listens there (default-cni.yaml), and decides by the NetworkPolicies.
QUEUE = "100"
POLICE = """*mangle
:PODS - [0:0]
-A PODS -m owner --uid-owner 0 -j RETURN
-A PODS -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN
-A PODS -s {pods} -j NFQUEUE --queue-num {queue}
-A PODS -d {pods} -j NFQUEUE --queue-num {queue}
COMMIT
"""


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


def ensure(table: str, rule: list[str]) -> None:
    """Have a rule, once."""
    if subprocess.run(["iptables", "-t", table, "-C", *rule], capture_output=True).returncode:
        subprocess.run(["iptables", "-t", table, "-A", *rule], check=True)


def masquerade(pods: str) -> None:
    """What leaves the pod network takes the node's address."""
    ensure("nat", ["POSTROUTING", "-s", pods, "!", "-d", pods, "-j", "MASQUERADE"])


def police(pods: str) -> None:
    """Show the agent the first packet of each connection of a pod; without it none gets through.

    Before addresses are translated back, hence mangle. The node's own processes are let through:
    the kubelet's probes must arrive.
    """
    rules = POLICE.format(pods=pods, queue=QUEUE)
    subprocess.run(["iptables-restore", "--noflush"], input=rules, text=True, check=True)
    ensure("mangle", ["POSTROUTING", "-j", "PODS"])


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
    # What is for a pod that is gone must not leave the node, where somebody else may answer.
    subprocess.run(["ip", "route", "replace", "unreachable", os.environ["POD_SUBNET"]], check=True)
    masquerade(os.environ["POD_SUBNET"])
    police(os.environ["POD_SUBNET"])


if __name__ == "__main__":
    while True:
        try:
            once()
        except (OSError, subprocess.CalledProcessError) as error:
            # To end here would mean to be started ever later; a node that was cut off needs its
            # routes as soon as it is back.
            print(f"routes: {error}. Next attempt in {PAUSE_S} s")
        time.sleep(PAUSE_S)
