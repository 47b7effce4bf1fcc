"""Spark's executors as pods, asked for by a driver that is a pod itself.

Client mode: the driver makes the pods, and they connect to its own address. What it must know of
itself comes in ``HOP_POD_NAME`` and ``HOP_POD_IP``, how a pod must look in ``HOP_SPARK_EXECUTOR``.
"""

import json
import os
import ssl
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from hop_etl.errors import EtlError

ACCOUNT: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")
SCHEME: Final = "k8s://"
# Those of the network policy and of the driver's container.
DRIVER_PORT, BLOCKS_PORT = "7078", "7079"
ANSWER_WITHIN_S = 10.0
REVIEW = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


def is_driver(master: str) -> bool:
    """Whether ``master`` is Kubernetes and this process runs in a pod that may be its driver."""
    return master.startswith(SCHEME) and bool(os.environ.get("HOP_POD_NAME"))


def account(name: str) -> str:
    """What Kubernetes has mounted about this pod's service account.

    Raises:
        EtlError: nothing, so the API server would not know who asks.
    """
    try:
        return (ACCOUNT / name).read_text("utf-8")
    except OSError as error:
        hint = "automountServiceAccountToken: true for the driver"
        raise EtlError(f"this pod has no token: {error}", hint=hint) from error


def ask(master: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """The API server's answer to this pod's service account.

    Raises:
        EtlError: it has no token, or the server does not answer or does not allow it.
    """
    token = account("token")
    trusted = ssl.create_default_context(cadata=account("ca.crt"))
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    asked = Request(  # noqa: S310 - an address of our own settings
        master.removeprefix(SCHEME) + path, data=data, headers=headers
    )
    try:
        with urlopen(asked, timeout=ANSWER_WITHIN_S, context=trusted) as answer:  # noqa: S310
            found: dict[str, Any] = json.load(answer)
            return found
    except HTTPError as error:
        why = json.load(error).get("message", error.reason)
        raise EtlError(f"the API server refused: {why}", hint="kubectl describe role") from error
    except (URLError, OSError, ValueError) as error:
        raise EtlError(f"no answer from {asked.full_url}: {error}") from error


def image(master: str, namespace: str, pod: str) -> str:
    """The image of this very pod: an executor of another one would run other code.

    Raises:
        EtlError: it may not be asked for, or executors may not be made.
    """
    wanted = {"namespace": namespace, "verb": "create", "resource": "pods"}
    review = ask(master, REVIEW, {"spec": {"resourceAttributes": wanted}})
    # Spark itself would log the refusal and try again for ever.
    if not review["status"]["allowed"]:
        hint = f"kubectl -n {namespace} get role,rolebinding"
        raise EtlError(f"the driver may not create pods in namespace {namespace}", hint=hint)
    found = ask(master, f"/api/v1/namespaces/{namespace}/pods/{pod}")
    return str(found["spec"]["containers"][0]["image"])


def settings(master: str) -> dict[str, str]:
    """What Spark must be told to make executors of this pod's image.

    ``HOP_SPARK_EXECUTORS`` is how many (2).

    Raises:
        EtlError: the service account may not do what is needed.
    """
    pod, namespace = os.environ["HOP_POD_NAME"], account("namespace")
    prefix = "spark.kubernetes."
    return {
        f"{prefix}namespace": namespace,
        f"{prefix}container.image": image(master, namespace, pod),
        # Executors belong to it: with the driver's pod they are gone too.
        f"{prefix}driver.pod.name": pod,
        f"{prefix}executor.podTemplateFile": os.environ["HOP_SPARK_EXECUTOR"],
        f"{prefix}executor.request.cores": "250m",
        # Each of these would need a right to more than pods.
        f"{prefix}executor.disableConfigMap": "true",
        f"{prefix}driver.service.deleteOnTermination": "false",
        f"{prefix}driver.ownPersistentVolumeClaim": "false",
        f"{prefix}driver.reusePersistentVolumeClaim": "false",
        "spark.executor.instances": os.environ.get("HOP_SPARK_EXECUTORS") or "2",
        "spark.executor.cores": "1",
        "spark.driver.host": os.environ["HOP_POD_IP"],
        "spark.driver.port": DRIVER_PORT,
        "spark.driver.blockManager.port": BLOCKS_PORT,
        "spark.blockManager.port": BLOCKS_PORT,
        # A secret of this run: who reaches a port cannot give orders.
        "spark.authenticate": "true",
        "spark.scheduler.maxRegisteredResourcesWaitingTime": "120s",
    }
