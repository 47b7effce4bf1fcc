"""``python -m hop_etl.executor``: a Spark executor in a pod, as Spark's driver orders it.

Spark expects an image whose entry point reads these variables; ours starts the schedule, so the
pod template names this module as the command.
"""

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from hop_etl.errors import EtlError, UsageError

BACKEND = "org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBackend"
ORDERS = {
    "--driver-url": "SPARK_DRIVER_URL",
    "--executor-id": "SPARK_EXECUTOR_ID",
    "--cores": "SPARK_EXECUTOR_CORES",
    "--app-id": "SPARK_APPLICATION_ID",
    "--hostname": "SPARK_EXECUTOR_POD_IP",
    "--resourceProfileId": "SPARK_RESOURCE_PROFILE_ID",
    "--podName": "SPARK_EXECUTOR_POD_NAME",
}
OPTION = re.compile(r"SPARK_JAVA_OPT_([0-9]+)")


def command(environ: Mapping[str, str]) -> list[str]:
    """The JVM's command line; the order of its options counts.

    Raises:
        UsageError: Spark has not set the variables, so it has not started this.
    """
    numbered = [(OPTION.fullmatch(name), value) for name, value in environ.items()]
    options = sorted((int(found[1]), value) for found, value in numbered if found)
    try:
        heap = environ["SPARK_EXECUTOR_MEMORY"]
        orders = [part for flag, name in ORDERS.items() for part in (flag, environ[name])]
    except KeyError as missing:
        hint = "HOP_SPARK_MASTER=k8s://... in the driver's pod; it starts executors"
        raise UsageError(f"not started by Spark: {missing} is not set", hint=hint) from None
    java = str(Path(environ["JAVA_HOME"]) / "bin" / "java")
    jars = str(Path(environ["SPARK_HOME"]) / "jars" / "*")
    sized = [f"-Xms{heap}", f"-Xmx{heap}", "-cp", jars]
    return [java, *(value for _, value in options), *sized, BACKEND, *orders]


def main() -> int:
    """Become the JVM, which then hears the signals itself; returns only on an error."""
    from hop_etl.spark import prepare_environment

    try:
        prepare_environment("k8s://")
        wanted = command(os.environ)
    except EtlError as error:
        print(f"hop_etl.executor: {error}", file=sys.stderr)
        return error.exit_code
    return os.execv(wanted[0], wanted)  # noqa: S606 - the point of it


if __name__ == "__main__":
    sys.exit(main())
