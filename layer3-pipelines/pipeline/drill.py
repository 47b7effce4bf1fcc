"""``make layer3-break SCENARIO=signature`` and ``make layer3-check``: a signing key was replaced.

Exit codes: 0 broken as planned, or the repair holds; 1 it does not; 4 no drill is under way;
69 no ssh-keygen.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from layerctl.console import GREEN, RED, say, styled
from layerctl.errors import LayerctlError
from layerctl.evidence import Evidence
from layerctl.paths import RUN
from pipeline import sign
from pipeline.errors import NoDataError, RefusedError
from pipeline.place import Place
from pipeline.state import State, read, write

HOME = RUN / "drill/signature"
SIGNERS = HOME / "allowed_signers"
NEW, OLD, STRANGER = (HOME / f"signed-by-{name}" for name in ("new", "old", "stranger"))
MESSAGE = """\
From: the build team
The laptop with the old signing key was stolen. From today on releases are signed by a new key:
  {fingerprint}
Two public keys came in by mail, {one} and {two}. We sent one of them.
"""


@dataclass(frozen=True, slots=True)
class Question:
    """A signature, and whether a host that is set up well believes it."""

    what: str
    folder: Path
    believed: bool

    def wrong(self, image_id: str) -> str:
        """What the host's signers make of it that they should not; empty when they are right."""
        try:
            sign.check(self.folder, SIGNERS, image_id)
        except RefusedError as error:
            return f"{self.what} is refused: {error}" if self.believed else ""
        return "" if self.believed else f"{self.what} is believed"


QUESTIONS = (
    Question("the release, signed by the new key,", NEW / "run", believed=True),
    Question("what the stolen key signs", OLD / "run", believed=False),
    Question("what the stranger signs", STRANGER / "run", believed=False),
    Question("a release that was changed after it was signed", HOME / "changed", believed=False),
)


def signed(home: Path, state: State) -> Place:
    """A place whose own new key has signed the release."""
    place = Place(home)
    place.run.mkdir(parents=True)
    place.sbom.write_text(json.dumps({"components": []}), "utf-8")
    sign.run(place, state)
    write(place.state, state)
    return place


def break_it() -> int:
    """A host that knows the old key only, and a release signed by the new one."""
    shutil.rmtree(HOME, ignore_errors=True)
    image_id = f"sha256:{secrets.token_hex(32)}"
    state = State(secrets.token_hex(20), image_id=image_id, passed=["test", "build", "scan"])
    new, old, stranger = (signed(home, state) for home in (NEW, OLD, STRANGER))
    shutil.copy(old.key.with_name("allowed_signers"), SIGNERS)
    shutil.copytree(new.run, HOME / "changed")
    changed = HOME / "changed/statement.json"
    changed.write_text(changed.read_text("utf-8").replace(state.commit, "0" * 40), "utf-8")
    mailed = [HOME / "mailed-1.pub", HOME / "mailed-2.pub"]
    secrets.SystemRandom().shuffle(mailed)
    for place, path in zip((new, stranger), mailed, strict=True):
        shutil.copy(f"{place.key}.pub", path)
    shown = sign.keygen("-l", "-f", f"{new.key}.pub").stdout.decode().split()[1]
    text = MESSAGE.format(fingerprint=shown, one="mailed-1.pub", two="mailed-2.pub")
    (HOME / "message.txt").write_text(text, "utf-8")
    refusal = QUESTIONS[0].wrong(image_id)
    if not refusal:
        raise LayerctlError("not broken: the host believes the new key already")
    print(f"Broken as planned: {refusal}")
    print(f"Read {HOME / 'message.txt'}, repair {SIGNERS},\nthen: make layer3-check")
    return 0


def check() -> int:
    """Grade what the host believes now."""
    if not SIGNERS.exists():
        raise NoDataError("no drill is under way", "make layer3-break SCENARIO=signature")
    image_id = read(NEW / "run/state.json").image_id
    found = [said for said in (each.wrong(image_id) for each in QUESTIONS) if said]
    evidence = Evidence("layer3-drill-signature", "make layer3-check")
    evidence.facts |= {"asked": len(QUESTIONS), "wrong": found}
    evidence.save("failed" if found else "passed")
    for said in found:
        print(styled(f"NOT REPAIRED: {said}", RED))
    if found:
        print("Hint: ssh-keygen -l -f mailed-1.pub; each line of allowed_signers is one key")
        return 1
    print(styled("REPAIRED: the host believes the new key, and nobody else.", GREEN))
    return 0


def main(argv: list[str] | None = None) -> int:
    """Run the drill's half that the first argument names."""
    words = sys.argv[1:] if argv is None else argv
    # The reader's own key has no part in this.
    for name in ("PIPELINE_KEY", "PIPELINE_SIGNERS"):
        os.environ.pop(name, None)
    try:
        return break_it() if words[0] == "break" else check()
    except LayerctlError as error:
        say(f"drill: {error}")
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
