"""Pushes, for real: in this order, because each test finds what the one before has left."""

from __future__ import annotations

import json
import tomllib

import pytest
from pipeline import image, release, repository, scan, story, verdict
from pipeline import state as states
from pipeline.desk import Push
from pipeline.errors import SpentError
from pipeline.stages import NAMES
from pipeline.story import Delivered
from pipeline.target import REPLICAS

from layerctl.errors import LayerctlError
from layerctl.labels import call

pytestmark = pytest.mark.docker


def test_a_good_commit_goes_live_and_no_request_fails(delivered: Delivered) -> None:
    assert (delivered.tally.failed, delivered.tally.why) == (0, "")
    assert delivered.tally.requests > 200
    assert [f"{name} passed" in delivered.push.said for name in NAMES] == [True] * len(NAMES)
    assert delivered.live.commit == delivered.push.commit != delivered.first.commit
    assert "SHIP: availability: 0 failed" in delivered.push.said


def test_what_was_built_once_is_what_the_registry_has_and_what_runs(delivered: Delivered) -> None:
    live = delivered.live
    call("docker", "pull", "-q", f"{live.image.partition('@')[0]}:current")
    assert image.identity(f"{live.image.partition('@')[0]}:current") == live.image_id
    assert {delivered.to.image_id(replica) for replica in REPLICAS} == {live.image_id}
    assert delivered.push.said.count("docker build") <= 1
    assert story.built(live.commit)


def test_a_commit_whose_tests_fail_is_stopped_before_it_is_built(delivered: Delivered) -> None:
    commit = delivered.desk.change("failing")
    push = delivered.desk.push()
    story.refused(push, delivered.place, delivered.live, "test")
    assert not story.built(commit)
    assert "look_alikes" in push.said
    # The control: the same check on a push that was taken.
    with pytest.raises(LayerctlError, match="stopped at 'test', want 'smoke'"):
        story.refused(push, delivered.place, delivered.live, "smoke")
    delivered.desk.back()


def test_a_bad_image_is_rolled_back_and_the_old_one_never_stops(delivered: Delivered) -> None:
    with story.loaded(delivered.to) as tally:
        delivered.desk.change("bad")
        push = delivered.desk.push()
    story.refused(push, delivered.place, delivered.live, "smoke")
    assert "a redirect: 500, want 307" in push.said
    assert (tally.failed, tally.why) == (0, "")
    assert tally.requests > 200
    delivered.desk.back()


def test_nobody_judges_so_the_bad_release_stays_until_the_gate_is_asked(
    delivered: Delivered, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: smoke and verdict that always pass. The check must notice."""
    place, live = delivered.place, delivered.live
    run = states.read(place.state)
    assert run.failed == "smoke"
    with monkeypatch.context() as blind:
        blind.setattr(verdict, "judge", lambda *_: "fine")
        release.promote(place, run)
    assert story.served(place) == run.image_id != live.image_id
    with pytest.raises(LayerctlError, match="does not serve any more"):
        story.refused(Push(run.commit, 1, ""), place, live, "smoke")
    with pytest.raises(SpentError, match="the budget is spent"):
        verdict.judge(delivered.to, REPLICAS[0], place.run)
    assert release.rollback(place, run).endswith("replaced hop-1, hop-2")
    assert story.served(place) == live.image_id
    assert states.live(place.live) == live


def test_stopped_before_the_next_is_started_some_requests_fail(delivered: Delivered) -> None:
    """The negative control of the count: the same traffic, all replicas replaced at once."""
    to = delivered.to
    with story.loaded(to) as tally:
        to.stack.run("stop", "--timeout", "5", *REPLICAS)
        to.up(*REPLICAS)
    assert tally.failed > 0, tally
    with pytest.raises(LayerctlError, match=f"careless: {tally.failed} of"):
        story.counted("careless", tally)


def test_an_unsigned_image_is_refused(delivered: Delivered) -> None:
    assert "has no signature" in story.unsigned(delivered.place, delivered.live)
    # The control: the same question about the image that was signed.
    assert release.trusted(delivered.place, delivered.live.image) == delivered.live.image_id


def test_a_forbidden_package_in_the_image_is_found(delivered: Delivered) -> None:
    sbom = json.loads(delivered.place.sbom.read_text("utf-8"))
    lock = (delivered.desk.path / scan.LOCK).read_text("utf-8")
    policy = tomllib.loads(scan.POLICY.read_text("utf-8"))
    assert scan.problems(sbom, lock, policy) == []
    policy["deny"].append({"name": "uvicorn", "below": "9999", "why": "planted"})
    (found,) = scan.problems(sbom, lock, policy)
    assert found.endswith("planted")


def test_no_secret_is_in_what_is_kept_of_a_run(delivered: Delivered) -> None:
    home = delivered.place.home
    keys = (home / "keys/signing").read_text("utf-8").splitlines()[1:-1]
    files = (home / "secrets").iterdir()
    hidden = [*keys, *(file.read_text("utf-8").strip() for file in files)]
    kept = [p for p in (home / "runs").rglob("*") if p.is_file()]
    assert len(kept) > 8
    said = "".join(path.read_text("utf-8") for path in (*kept, home / "run.log"))
    assert [secret for secret in hidden if secret in said] == []
    # The control: what is no secret is there.
    assert delivered.live.image_id in said


def test_main_is_what_serves(delivered: Delivered) -> None:
    bare = repository.bare(delivered.place)
    assert repository.git("-C", str(bare), "rev-parse", "main") == delivered.live.commit
