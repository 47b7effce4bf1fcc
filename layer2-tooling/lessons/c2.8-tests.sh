#!/usr/bin/env bash
# Lesson c2.8: examples, properties, coverage, mutants, promises: each finds what the others let through.
set -Eeuo pipefail
shopt -s inherit_errexit
# shellcheck source=layer2-tooling/lessons/lesson.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lesson.bash"

need api
need workshop
need layerctl
python=$venv/api/bin/python
# A plug-in is loaded where it is needed: pytest would import every one that is installed.
export PYTEST_DISABLE_PLUGIN_AUTOLOAD=1
run() { "$python" -m pytest -q -p no:cacheprovider --rootdir . -c /dev/null "$@"; }
cat >slug.py <<'PYTHON'
def clean(text):
    """A slug: small letters, digits, and single hyphens inside."""
    kept = "".join(c if c.isascii() and c.isalnum() else "-" for c in text.lower())
    while "--" in kept:
        kept = kept.replace("--", "-")
    return kept.strip("-") or "x"
PYTHON

say 'An example proves one case. Both versions of the code pass it.'
printf 'from slug import clean\ndef test_a_title(): assert clean("A title") == "a-title"\n' >test_example.py
is 0 "$(code run test_example.py)"
sed 's/while "--" in kept:/if "--" in kept:/' slug.py >other && cp slug.py right && cp other slug.py
is 0 "$(code run test_example.py)"

say 'A property is tried with many cases: Hypothesis finds "---" by itself.'
cat >test_property.py <<'PYTHON'
from hypothesis import given, settings, strategies as st
from slug import clean
@settings(database=None, derandomize=True)
@given(st.text(alphabet="a -", max_size=8))
def test_single_hyphens(text): assert "--" not in clean(text)
PYTHON
is 1 "$(code run test_property.py)"
cp right slug.py
is 0 "$(code run test_property.py)"

say 'Coverage names the lines that no test has run. Whatever is wrong there, every test passes.'
printf 'def cut(text):\n    if len(text) > 64:\n        return text[:65]\n    return text\n' >cut.py
printf 'from cut import cut\ndef test_short(): assert cut("a") == "a"\n' >test_cut.py
is '0 3' "$(code run test_cut.py) $(run -p pytest_cov --cov=cut --cov-report=term-missing test_cut.py 2>/dev/null | awk '$1 == "cut.py" {print $5}' || true)"
printf 'def test_long(): assert len(cut("a" * 99)) == 64\n' >>test_cut.py
is 1 "$(code run test_cut.py)"

say 'It does not say that anything was checked:'
printf 'from slug import clean\ndef test_nothing(): clean("a--b")\n' >test_nothing.py
is '100%' "$(run -p pytest_cov --cov=slug --cov-report=term test_nothing.py 2>/dev/null | awk '$1 == "TOTAL" {print $4}' || true)"

say 'A mutant is the code with one fault. mutmut makes them; one that survives names a test that is missing.'
mkdir -p mutants-of/tests && cd mutants-of
printf 'def may_ship(failed, allowed):\n    """A release may ship while no more failed than may."""\n    return failed < allowed\n' >ship.py
printf 'from ship import may_ship\ndef test_both():\n    assert may_ship(0, 10)\n    assert not may_ship(11, 10)\n' >tests/test_ship.py
printf '[mutmut]\nsource_paths=ship.py\npytest_add_cli_args_test_selection=tests\n' >setup.cfg
is 0 "$(code run tests)"
"$venv/workshop/bin/mutmut" run --max-children 1 >log 2>&1
is '-    return failed < allowed +    return failed <= allowed' "$("$venv/workshop/bin/mutmut" show ship.x_may_ship__mutmut_1 2>/dev/null | grep -E '^[-+] ' | paste -s -d ' ')"
is survived "$("$venv/workshop/bin/mutmut" results 2>/dev/null | sed -nE 's/.*mutmut_1: //p')"
printf '    assert may_ship(10, 10)\n' >>tests/test_ship.py
is 1 "$(code run tests)"
cd ..

say 'Schemathesis reads what an API promises and asks for everything the promise allows. Here: whole = 0.'
cat >api.py <<'PYTHON'
"""Shares of a whole."""

from typing import Annotated

from fastapi import FastAPI, Query

app = FastAPI()


@app.get("/share")
def share(part: int, whole: Annotated[int, Query(ge=0)]) -> float:
    """A fraction."""
    return part / whole
PYTHON
cat >test_api.py <<'PYTHON'
from api import share
from hypothesis import given, settings, strategies as st
def test_a_half(): assert share(1, 2) == 0.5
@settings(database=None, derandomize=True)
@given(st.integers(0, 100), st.integers(1, 100))
def test_back(part, whole): assert round(share(part, whole) * whole) == part
PYTHON
cat >test_promise.py <<'PYTHON'
import schemathesis
from api import app
from hypothesis import settings
schema = schemathesis.openapi.from_asgi("/openapi.json", app)
@schema.parametrize()
@settings(max_examples=20, database=None, derandomize=True, deadline=None)
def test_the_promise(case): case.call_and_validate()
PYTHON
is 'ruff 0 pytest 0' "ruff $(code "$venv/layerctl/bin/ruff" check --no-cache --config "$root/ruff.toml" api.py) pytest $(code run test_api.py)"
is ZeroDivisionError "$(run -p schemathesis.pytest.plugin test_promise.py 2>/dev/null | sed -nE 's/^FAILED .* - (\w+):.*/\1/p' || true)"
sed -i 's/ge=0/gt=0/' api.py
is 0 "$(code run -p schemathesis.pytest.plugin test_promise.py)"
