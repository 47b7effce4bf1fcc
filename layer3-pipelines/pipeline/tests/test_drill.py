"""The drill on signatures: broken, repaired too much, repaired well."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pipeline import drill, sign

from layerctl.paths import RUN

pytestmark = pytest.mark.skipif(
    shutil.which("ssh-keygen") is None,
    reason="no ssh-keygen. Enable: sudo apt install openssh-client",
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("HOME", "SIGNERS", "NEW", "OLD", "STRANGER"):
        there = tmp_path / getattr(drill, name).relative_to(RUN / "drill/signature")
        monkeypatch.setattr(drill, name, there)
    old = RUN / "drill/signature"
    moved = [
        drill.Question(each.what, tmp_path / each.folder.relative_to(old), each.believed)
        for each in drill.QUESTIONS
    ]
    monkeypatch.setattr(drill, "QUESTIONS", tuple(moved))
    monkeypatch.setattr(drill, "Evidence", Silent)
    return tmp_path


class Silent:
    def __init__(self, *_: object) -> None:
        self.facts: dict[str, object] = {}

    def save(self, _: str) -> None: ...


def line(public: Path) -> str:
    return f'{sign.SIGNER} namespaces="{sign.NAMESPACE}" {public.read_text("utf-8")}'


def test_only_a_host_that_believes_the_new_key_alone_is_repaired(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert drill.main(["check"]) == 4  # nothing is broken yet
    assert drill.main(["break"]) == 0
    assert "Broken as planned: the release, signed by the new key, is refused" in (
        capsys.readouterr().out
    )
    assert drill.main(["check"]) == 1
    shown = (home / "message.txt").read_text("utf-8").split("SHA256:")[1].split()[0]
    mailed = [home / "mailed-1.pub", home / "mailed-2.pub"]
    (right,) = [p for p in mailed if shown in sign.keygen("-l", "-f", str(p)).stdout.decode()]
    (wrong,) = set(mailed) - {right}
    kept = (home / "allowed_signers").read_text("utf-8")

    def graded(text: str) -> tuple[int, str]:
        (home / "allowed_signers").write_text(text, "utf-8")
        return drill.main(["check"]), capsys.readouterr().out

    code, said = graded(kept + line(right))
    assert (code, "what the stolen key signs is believed" in said) == (1, True)
    code, said = graded(line(right) + line(wrong))
    assert (code, "what the stranger signs is believed" in said) == (1, True)
    assert graded(line(wrong))[0] == 1
    code, said = graded(line(right))
    assert (code, "REPAIRED: the host" in said) == (0, True)
