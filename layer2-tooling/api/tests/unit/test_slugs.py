import pytest
from hypothesis import given
from hypothesis import strategies as st

from hop.domain import slugs
from hop.errors import InvalidLink

WANTED = (
    r"^an alias has 3 to 64 letters \(A-Z a-z\), digits, _ or -, "
    r"and begins with a letter or digit$"
)


def test_drawn_slugs_have_no_look_alikes():
    drawn = "".join(slugs.new_slug() for _ in range(2000))
    assert not set(drawn) & set("0Oo1Iil")
    assert set(drawn) == set(slugs.ALPHABET)


def test_a_drawn_slug_is_a_slug_and_an_alias():
    slug = slugs.new_slug()
    assert len(slug) == slugs.LENGTH
    assert slugs.SLUG.fullmatch(slug)
    assert slugs.check_alias(slug) == slug


def test_slugs_come_from_the_cryptographic_source(monkeypatch):
    monkeypatch.setattr(slugs.secrets, "choice", lambda letters: letters[0])
    assert slugs.new_slug() == "2222222"


@pytest.mark.parametrize("alias", ["my-link", "A_1", "2026", "x" * 64])
def test_good_aliases(alias):
    assert slugs.check_alias(alias) == alias


@pytest.mark.parametrize(
    "alias", ["", "ab", "-abc", "_abc", "a b", "a/b", "a.b", "köln", "x" * 65, "abc\n", "٣٣٣"]
)
def test_bad_aliases(alias):
    with pytest.raises(InvalidLink, match=WANTED) as caught:
        slugs.check_alias(alias)
    assert caught.value.field == "alias"


@pytest.mark.parametrize("alias", ["api", "METRICS", "Healthz", "docs", "drain"])
def test_hops_own_names_are_reserved_in_any_case(alias):
    with pytest.raises(InvalidLink, match=r"^this alias is reserved$") as caught:
        slugs.check_alias(alias)
    assert caught.value.field == "alias"


@given(st.text(max_size=80))
def test_what_is_taken_as_an_alias_can_stand_in_a_path(text):
    try:
        alias = slugs.check_alias(text)
    except InvalidLink:
        return
    assert alias.isascii()
    assert slugs.SLUG.fullmatch(alias)
