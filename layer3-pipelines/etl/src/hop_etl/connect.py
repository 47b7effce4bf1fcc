"""Spark that stays for the next run (``KEEP_SPARK=1``): a session on a kept Connect server.

``python -m hop_etl.connect`` says whether one is kept, ``--stop`` ends it.
"""

import argparse
import os
import sys
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING

from hop_etl import connect_server
from hop_etl.errors import MissingProgram

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def session(*, app: str) -> "SparkSession":
    """A fresh session on the kept server, which is started when there is none.

    Raises:
        MissingProgram: this environment lacks what Spark Connect needs.
        EtlError: the server does not start.
    """
    if util.find_spec("grpc") is None or util.find_spec("pandas") is None:
        raise MissingProgram(
            "KEEP_SPARK=1 needs Spark Connect, which this environment lacks",
            hint="make setup, or run without KEEP_SPARK=1",
        )
    import pyspark
    from pyspark.sql import SparkSession

    from hop_etl import spark as local

    with connect_server.lock():
        server = connect_server.find()
        if server is not None and server.spark != pyspark.__version__:
            connect_server.stop()
            server = None
        if server is None:
            local.prepare_environment()
            server = connect_server.start(
                local.settings(),
                spark_home=Path(os.environ["SPARK_HOME"]),
                version=pyspark.__version__,
            )
    os.environ["SPARK_CONNECT_AUTHENTICATE_TOKEN"] = server.token
    spark = SparkSession.builder.appName(app).remote(server.url).getOrCreate()
    spark.conf.set(local.OWNER, str(os.getpid()))
    # The cache belongs to the server: what a killed run persisted would answer this one,
    # although its log has grown since.
    spark.catalog.clearCache()
    return spark


def main(arguments: list[str] | None = None) -> int:
    """Say whether a server is kept, or stop it."""
    parser = argparse.ArgumentParser(prog="python -m hop_etl.connect")
    parser.add_argument("--stop", action="store_true", help="end this checkout's server")
    if parser.parse_args(arguments).stop:
        with connect_server.lock():
            stopped = connect_server.stop()
        print("kept Spark server stopped" if stopped else "no Spark server is kept")
        return 0
    server = connect_server.find()
    print(f"Spark server kept: process {server.pid}" if server else "no Spark server is kept")
    return 0


if __name__ == "__main__":
    sys.exit(main())
