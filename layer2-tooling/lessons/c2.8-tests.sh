#!/usr/bin/env bash
# Lesson c2.8: examples, properties, coverage and mutants: each finds what the one before lets through.
set -Eeuo pipefail
shopt -s inherit_errexit
# shellcheck source=layer2-tooling/lessons/lesson.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lesson.bash"

need api
python=$venv/api/bin/python
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

say 'Coverage says what was never executed. It does not say that anything was checked:'
printf 'from slug import clean\ndef test_nothing(): clean("a--b")\n' >test_nothing.py
is '100%' "$(run --cov=slug --cov-report=term test_nothing.py 2>/dev/null | awk '$1 == "TOTAL" {print $4}' || true)"

say 'A mutant is the code with one fault. Tests that all pass on it check too little.'
sed 's/or "x"/or "y"/' right >slug.py
is '0 0 0' "$(code run test_example.py) $(code run test_property.py) $(code run test_nothing.py)"
printf 'from slug import clean\ndef test_empty(): assert clean("--") == "x"\n' >test_empty.py
is 1 "$(code run test_empty.py)"
