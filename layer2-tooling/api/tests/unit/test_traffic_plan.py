from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hop_traffic import plan as planning
from hop_traffic.errors import SettingsError
from hop_traffic.model import SLUG, Kind
from hop_traffic.plan import plan, warm_up
from hop_traffic.settings import DEFAULT_MIX, Settings

SETTINGS = st.builds(
    Settings,
    requests=st.integers(1, 400),
    rate=st.floats(1, 10_000),
    seed=st.integers(0, 2**32),
    error_share=st.floats(0, 0.4),
    slow_share=st.floats(0, 0.4),
    zipf=st.floats(0, 3),
)


def popular(requests):
    return Counter(p.link for p in requests if p.kind is Kind.REDIRECT)


@given(SETTINGS)
def test_the_same_settings_give_the_same_plan(settings):
    assert plan(settings) == plan(settings)


@given(SETTINGS)
def test_a_plan_has_the_asked_for_length_and_never_goes_back_in_time(settings):
    times = [planned.at for planned in plan(settings)]
    assert len(times) == settings.requests
    assert times == sorted(times)
    assert all(0 <= at <= settings.seconds for at in times)


@given(SETTINGS)
def test_nobody_asks_for_a_link_before_a_create_that_can_work(settings):
    made: set[int] = set()
    for planned in plan(settings):
        if planned.kind is Kind.CREATE and not (planned.fault and planned.fault.status):
            assert planned.makes == len(made)
            made.add(planned.makes)
        elif SLUG in planned.path:
            assert planned.link in made
        else:
            assert planned.makes is None


@given(SETTINGS)
def test_faults_are_exactly_the_chosen_shares_of_the_user_requests(settings):
    requests = plan(settings)
    users = sum(planned.kind is not Kind.PROBE for planned in requests)
    places = sum(p.kind not in planning.OUT_OF_REACH for p in requests[warm_up(settings) :])
    errors, slow = round(settings.error_share * users), round(settings.slow_share * users)
    faults = [planned.fault for planned in requests if planned.fault]
    assert len(faults) == min(errors + slow, places)
    assert sum(fault.status is not None for fault in faults) == min(errors, places)
    assert all(p.fault is None for p in requests if p.kind in planning.OUT_OF_REACH)
    assert all(("Hop-Fault", p.fault.header) in p.headers for p in requests if p.fault)


@given(SETTINGS)
def test_every_create_has_its_own_idempotency_key(settings):
    keys = [dict(p.headers)["Idempotency-Key"] for p in plan(settings) if p.kind is Kind.CREATE]
    assert len(keys) == len(set(keys))


def test_the_same_seed_sends_the_same_requests():
    assert plan(Settings(requests=100)) == plan(Settings(requests=100))


def test_another_seed_is_another_plan_and_takes_no_alias_of_the_first():
    first, second = (plan(Settings(requests=400, seed=seed)) for seed in (1, 2))
    assert first != second
    bodies = [{p.body for p in requests if p.kind is Kind.CREATE} for requests in (first, second)]
    assert not bodies[0] & bodies[1]


def test_a_few_links_get_most_of_the_clicks_and_the_tail_is_long():
    clicks = popular(plan(Settings(requests=10_000)))
    ranked = [n for _, n in clicks.most_common()]
    assert sum(ranked[:10]) > 0.35 * sum(ranked)
    assert len(ranked) > 150


def test_this_suite_notices_a_flat_popularity(monkeypatch):
    monkeypatch.setattr(planning, "bisect", lambda weights, at, hi: int(at * 1e6) % (hi + 1))
    with pytest.raises(AssertionError):
        test_a_few_links_get_most_of_the_clicks_and_the_tail_is_long()


def test_this_suite_notices_a_plan_that_ignores_its_seed(monkeypatch):
    monkeypatch.setattr(planning.random, "Random", lambda seed: planning.random.SystemRandom())
    with pytest.raises(AssertionError):
        test_the_same_seed_sends_the_same_requests()


def test_every_kind_occurs_and_the_default_mix_adds_up():
    assert sum(DEFAULT_MIX.values()) == pytest.approx(1)
    assert {planned.kind for planned in plan(Settings(requests=3000))} == set(Kind)


def test_a_mix_can_leave_everything_but_redirects_out():
    requests = plan(Settings(requests=200, mix={Kind.REDIRECT: 1}))
    assert {planned.kind for planned in requests} == {Kind.CREATE, Kind.REDIRECT}


@pytest.mark.parametrize(
    "wrong",
    [
        {"requests": 0},
        {"requests": 1_000_001, "rate": 1e6},
        {"rate": 0},
        {"rate": -1},
        {"rate": float("nan")},
        {"rate": float("inf")},
        {"requests": 3601, "rate": 1},
        {"error_share": 1.01},
        {"error_share": -0.1},
        {"error_share": float("nan")},
        {"error_share": 0.6, "slow_share": 0.6},
        {"delay_ms": 250},
        {"delay_ms": 5001},
        {"zipf": -1},
        {"mix": {}},
        {"mix": {Kind.REDIRECT: 0}},
        {"mix": {Kind.REDIRECT: 1, Kind.HEAD: -0.5}},
    ],
)
def test_settings_that_cannot_be_run_are_refused(wrong):
    with pytest.raises(SettingsError):
        Settings(**wrong)
