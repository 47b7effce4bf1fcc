"""Stage ``smoke``: the few things that a release must do, asked of the candidate itself."""

from __future__ import annotations

import secrets

from stack.web import ask

from layerctl.errors import LayerctlError
from layerctl.labels import call
from pipeline.place import Place
from pipeline.state import State
from pipeline.target import Target, target

WANTED = "https://example.com/smoke?a=1&b=%C3%BC"


def address(to: Target) -> str:
    """Where the candidate can be asked past the proxy."""
    said = call("docker", "port", to.container("candidate"), "8000/tcp").splitlines()
    return f"http://{said[0]}"


def problems(url: str, token: str, release: str) -> list[str]:
    """What a hop at ``url`` does wrong; each answer is needed by what comes after it."""
    found, slug = [], f"smoke-{secrets.token_hex(4)}"
    given = {"Authorization": f"Bearer {token}"}
    links = f"{url}/api/v1/links"

    def expect(what: str, got: object, want: object) -> None:
        if got != want:
            found.append(f"{what}: {got}, want {want}")

    expect("GET /readyz", ask(f"{url}/readyz").status, 200)
    version = ask(f"{url}/version")
    expect("release", version.json()["release"] if version.status == 200 else "", release)
    body = {"target": WANTED, "alias": slug}
    expect("POST without a token", ask(links, method="POST", body=body).status, 401)
    expect("POST", ask(links, method="POST", headers=given, body=body).status, 201)
    answer = ask(f"{url}/{slug}")
    expect("a redirect", answer.status, 307)
    expect("its target", answer.headers.get("location"), WANTED)
    expect("an unknown link", ask(f"{url}/{slug}-not").status, 404)
    gone = ask(f"{links}/{slug}", method="DELETE", headers=given).status
    expect("DELETE", gone, 204)
    return found


def run(place: Place, state: State) -> str:
    """Ask the candidate.

    Raises:
        LayerctlError: an answer is wrong.
    """
    to = target(place)
    found = problems(address(to), to.token, state.release.name)
    if found:
        raise LayerctlError("the candidate fails:\n" + "\n".join(f"  | {f}" for f in found))
    return "the candidate makes, follows and forgets a link"
