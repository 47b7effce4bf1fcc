"""A wait that is never satisfied ends, and says what for."""

from __future__ import annotations

import pytest

from layerctl.errors import LayerctlError
from layerctl.waits import until


def test_a_wait_ends_when_the_answer_is_yes(capsys: pytest.CaptureFixture[str]) -> None:
    answers = iter([False, False, True])
    assert until("the third answer", lambda: next(answers), 5) > 0
    assert capsys.readouterr().err == "waiting for the third answer, at most 5 s\n"


def test_a_wait_that_is_never_satisfied_is_red() -> None:
    with pytest.raises(LayerctlError, match="rain: did not happen within 0 s"):
        until("rain", lambda: False, 0.1)
