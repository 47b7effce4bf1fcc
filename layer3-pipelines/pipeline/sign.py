"""Stage ``sign``, and what ``deploy`` believes: a statement about one image id, signed by OpenSSH.

The id covers configuration and layers and is known before the push, so nothing unsigned need be in
the registry. The statement is in-toto's, as cosign's attestations are; the signature is
ssh-keygen's (``PROTOCOL.sshsig``), which every machine with git over SSH can make and check.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

from layerctl.errors import MissingError
from pipeline.errors import RefusedError
from pipeline.place import Place
from pipeline.state import State

# A signature for one purpose must not be taken for another, such as a commit's.
NAMESPACE = "six-layers-delivery"
SIGNER = "pipeline"
PRIVATE = stat.S_IRWXG | stat.S_IRWXO


def keygen(*words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run ssh-keygen.

    Raises:
        MissingError: it is not here.
    """
    if shutil.which("ssh-keygen") is None:
        raise MissingError("no ssh-keygen on PATH", "sudo apt install openssh-client")
    return subprocess.run(["ssh-keygen", *words], input=given, capture_output=True, check=False)


def key(place: Place) -> Path:
    """The signing key; made on the spot where nobody gave one.

    Raises:
        RefusedError: others can read it.
    """
    path, signers = place.key, place.signers
    if not path.exists() and path.parent == place.home / "keys":
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        keygen("-q", "-t", "ed25519", "-N", "", "-C", SIGNER, "-f", str(path))
        public = path.with_name(f"{path.name}.pub").read_text("utf-8").split()[:2]
        signers.write_text(f'{SIGNER} namespaces="{NAMESPACE}" {" ".join(public)}\n', "utf-8")
    if not path.exists():
        raise RefusedError(f"no signing key at {path}", "set PIPELINE_KEY to the file that has it")
    if path.stat().st_mode & PRIVATE:
        raise RefusedError(f"others can read the signing key {path}", f"chmod 600 '{path}'")
    return path


def digest(path: Path) -> str:
    """A file's SHA-256."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def statement(state: State, sbom: Path) -> dict[str, Any]:
    """What is claimed: this image came from this commit, passed these stages, holds this."""
    algorithm, _, value = state.image_id.partition(":")
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "hop", "digest": {algorithm: value}}],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": "https://six-layers.invalid/delivery/v1",
                "externalParameters": {"commit": state.commit},
                "internalParameters": {"passed": state.passed},
                "resolvedDependencies": [{"uri": "git", "digest": {"gitCommit": state.commit}}],
            },
            "runDetails": {
                "builder": {"id": f"https://six-layers.invalid/{SIGNER}"},
                "byproducts": [{"name": "sbom.cdx.json", "digest": {"sha256": digest(sbom)}}],
            },
        },
    }


def run(place: Place, state: State) -> str:
    """Write the statement and sign it.

    Raises:
        RefusedError: there is no key that only we can read.
    """
    text = json.dumps(statement(state, place.sbom), indent=1, sort_keys=True) + "\n"
    place.statement.write_text(text, "utf-8")
    signature = place.statement.with_name(f"{place.statement.name}.sig")
    signature.unlink(missing_ok=True)
    words = ("-Y", "sign", "-q", "-n", NAMESPACE, "-f", str(key(place)), str(place.statement))
    done = keygen(*words)
    if done.returncode:
        raise RefusedError(f"ssh-keygen did not sign: {done.stderr.decode().strip()}")
    return f"{state.image_id[:19]} from {state.release.name}, signed by '{SIGNER}'"


def check(folder: Path, signers: Path, image_id: str) -> None:
    """Believe a statement only when a known key signed it, and only about this image.

    Raises:
        RefusedError: otherwise.
    """
    said, signature = folder / "statement.json", folder / "statement.json.sig"
    words = ("-Y", "verify", "-f", str(signers), "-I", SIGNER, "-n", NAMESPACE)
    done = keygen(*words, "-s", str(signature), given=said.read_bytes())
    if done.returncode:
        why = (done.stdout + done.stderr).decode().strip().splitlines()
        raise RefusedError(f"the signature is nobody's that {signers} knows: {why[-1]}")
    claim = json.loads(said.read_text("utf-8"))
    algorithm, _, value = image_id.partition(":")
    if claim["subject"][0]["digest"] != {algorithm: value}:
        raise RefusedError(f"the signed statement is about another image than {image_id[:19]}")
    listed = claim["predicate"]["runDetails"]["byproducts"][0]["digest"]["sha256"]
    if listed != digest(folder / "sbom.cdx.json"):
        raise RefusedError("the bill of materials is not the one that was signed")
