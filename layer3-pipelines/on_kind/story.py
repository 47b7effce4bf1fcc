"""The steps in order, and the figures that each leaves as evidence."""

from __future__ import annotations

import time

from main_job.steps import Steps

from layerctl.errors import LayerctlError
from layerctl.evidence import Evidence
from on_kind import (
    autoscaling,
    cluster,
    deploy,
    etl,
    faults,
    gateway,
    inside,
    isolation,
    refused,
    spark,
)
from on_kind.deploy import Images
from on_kind.traffic import Tally, during

FIRST = "1.0.0"
SOME_TRAFFIC_S = 3


def counted(tally: Tally) -> str:
    """A tally in words."""
    return f"{tally.failed} of {tally.requests:,} requests failed" + (
        f" ({tally.why})" if tally.why else ""
    )


def none_failed(what: str, tally: Tally) -> str:
    """The tally in words.

    Raises:
        LayerctlError: a request failed, or none was sent.
    """
    if tally.failed or not tally.requests:
        raise LayerctlError(f"{what}: {counted(tally)}", "make -C layer3-pipelines kind")
    return counted(tally)


def memory_mb() -> int:
    """What all nodes use, page cache excluded."""
    units = {"KiB": 1 / 1024, "MiB": 1, "GiB": 1024}
    names = docker_names()
    used = cluster.docker("stats", "--no-stream", "--format", "{{.MemUsage}}", *names)
    words = [line.split("/")[0].strip() for line in used.splitlines()]
    return round(sum(float(word[:-3]) * units[word[-3:]] for word in words))


def docker_names() -> list[str]:
    """The nodes' containers."""
    found = cluster.nodes()
    return [found.control, *found.workers]


def tell(evidence: Evidence, *, rollouts: int) -> None:
    """Everything, on a cluster that may be new.

    Raises:
        LayerctlError: something did not hold.
    """
    steps, facts = Steps(15), evidence.facts
    images = serving(steps, facts)
    image = images.release(FIRST)
    with steps.step("gateway") as said:
        gateway.install(images.traefik)
        said.append(gateway.check())
    with steps.step("inside") as said:
        answered, words = inside.smoke(image)
        if not answered:
            raise LayerctlError(f"hop does not answer inside the cluster: {words}")
        said.append("a Job in the cluster finds hop ready by its name")
    tables(steps, facts)
    spread(steps, facts)
    releases(steps, facts, images, rollouts)
    scaling(steps, facts)
    losses(steps, facts, image)
    with steps.step("refused") as said:
        facts["manifests_refused"] = len(refused.check())
        said.append(f"{facts['manifests_refused']} of {len(refused.CASES)} bad pods")
    with steps.step("network") as said:
        facts["network_policy"] = isolation.check(image)
        said.append(str(facts["network_policy"]))
    facts["memory_mb"] = memory_mb()


def serving(steps: Steps, facts: dict[str, object]) -> Images:
    """A cluster with hop on it."""
    started, since = time.monotonic(), "a_cluster" if cluster.exists() else "nothing"
    with steps.step("cluster") as said:
        said.append(cluster.up())
    with steps.step("images") as said:
        images = deploy.images()
        said.append("hop and Traefik on both workers, PostgreSQL and the ETL where the volumes are")
    with steps.step("deploy") as said:
        autoscaling.install()
        deploy.first(FIRST, images)
        facts[f"seconds_from_{since}_to_serving"] = round(time.monotonic() - started, 1)
        said.append(f"{deploy.REPLICAS} replicas, one a worker - release {faults.serving()} serves")
    return images


def only_spark(facts: dict[str, object]) -> None:
    """The ETL on the cluster, by itself and with executors as pods."""
    steps = Steps(5)
    serving(steps, facts)
    tables(steps, facts)
    spread(steps, facts)


def spread(steps: Steps, facts: dict[str, object]) -> None:
    """The same job with executors as pods."""
    with steps.step("Spark") as said:
        done, equal = spark.check()
        facts["executor_pods"] = sorted(done.executors)
        facts["spark_tables"] = equal
        said.append(f"{len(done.executors)} executors as pods - {equal}")


def releases(steps: Steps, facts: dict[str, object], images: Images, rollouts: int) -> None:
    """New releases under load; then one whose image does not exist."""
    with steps.step("releases") as said:
        total = Tally()
        for number in range(1, rollouts + 1):
            total.add(faults.roll_out(f"1.{number}.0", images))
        facts["rollouts"] = rollouts
        facts["requests_in_rollouts"] = total.requests
        facts["failed_in_rollouts"] = total.failed
        said.append(
            f"{rollouts} under load, half of it through the gateway - "
            f"{none_failed('rollouts', total)}"
        )
    with steps.step("bad tag") as said:
        tally, seconds = faults.bad_tag(images)
        facts["bad_tag_stopped_s"] = round(seconds, 1)
        said.append(f"stopped after {seconds:.0f} s - {none_failed('bad tag', tally)}")


def tables(steps: Steps, facts: dict[str, object]) -> None:
    """The ETL's CronJob on the access logs of all nodes."""
    with steps.step("ETL") as said:
        with during(tail_s=0):
            time.sleep(SOME_TRAFFIC_S)
        shipped, told = etl.ship(), etl.run()
        if told["lines"] != shipped or not shipped:
            raise LayerctlError(f"{shipped:,} log lines shipped, {told['lines']:,} read")
        facts["etl_lines"], facts["etl_seconds"] = shipped, told["seconds"]
        said.append(f"a job of the CronJob, {told['seconds']:.0f} s - {etl.compare()}")


def scaling(steps: Steps, facts: dict[str, object]) -> None:
    """A third replica under load, and back to two without."""
    with steps.step("autoscaler") as said:
        autoscaling.publish()
        tally, up, down = autoscaling.follow()
        facts["third_replica_s"], facts["two_again_s"] = round(up, 1), round(down, 1)
        load = f"{tally.requests:,} requests, {autoscaling.LOAD} a second"
        said.append(f"a third replica after {up:.0f} s, two again {down:.0f} s later - {load}")


def losses(steps: Steps, facts: dict[str, object], image: str) -> None:
    """A pod, the database's pod, a whole node."""
    with steps.step("pod") as said:
        tally, seconds = faults.delete_pod()
        facts["pod_replaced_s"] = round(seconds, 1)
        said.append(f"replaced in {seconds:.0f} s - {none_failed('deleted pod', tally)}")
    with steps.step("database") as said:
        before, after, seconds = faults.restart_database()
        if after < before or not before:
            raise LayerctlError(f"{before:,} links before, {after:,} after: the volume lost them")
        facts["database_back_s"] = round(seconds, 1)
        said.append(f"pod deleted, back in {seconds:.0f} s - {before:,} links before and after")
    with steps.step("node") as said:
        tally, later, seconds = faults.lose_worker()
        facts["worker_lost_s"] = round(seconds, 1)
        facts["requests_while_worker_lost"] = tally.requests
        facts["failed_while_worker_lost"] = tally.failed
        share = f"{tally.failed:,} of {tally.requests:,} requests failed until then"
        none_failed("after the node was lost", later)
        if not isolation.client_gets_in(image):
            raise LayerctlError("the node is Ready again, but its pods reach no other")
        said.append(f"lost, replicas moved in {seconds:.0f} s - {share}, none after; it came back")
