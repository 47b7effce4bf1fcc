import argparse
import json
import re
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import made
import pytest

from hop_etl import tables
from hop_etl.errors import InputError
from hop_etl.report import command, page
from hop_etl.report.latency import Histogram
from slokit.budget import Objective
from slokit.objectives import Service

PROMISED = Service("hop", {"availability": Objective(0.995), "latency": Objective(0.99)})
HISTOGRAM = Histogram((5, 250, 500), (9_000, 990, 9, 1))
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>\x00\x1b[31m\u202e'


class Outline(HTMLParser):
    """Tags, attributes and visible text of a page."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.text = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes.extend((tag, name, value or "") for name, value in attrs)

    def handle_data(self, data):
        self.text.append(data)

    @property
    def words(self):
        return " ".join(" ".join(self.text).split())


def rendered(folder, windows, histogram=HISTOGRAM, **options):
    return page.render(tables.read(made.write(folder, windows, **options)), PROMISED, histogram)


def inert(html):
    """No script, no handler, nothing loaded, no link out."""
    outline = Outline(html)
    forbidden = {"script", "iframe", "object", "embed", "img", "form", "base", "a", "image", "use"}
    assert not forbidden & set(outline.tags)
    for tag, name, value in outline.attributes:
        assert not name.startswith("on"), (tag, name, value)
        assert name not in {"style", "src", "srcset", "xlink:href"}, (tag, name, value)
        if name == "href":
            assert value == "data:,"
    assert "url(" not in html
    assert "@import" not in html
    return outline


def test_the_page_begins_with_the_verdict_its_span_and_its_reason(tmp_path):
    html = rendered(tmp_path, [(0, made.counts(5_000, failed=9))], window_s=20)
    words = inert(html).words
    assert "May hop ship a release? SHIP these 19 s, not 30 days availability: 9 failed" in words
    assert "<title>SHIP: hop, these 19 s, not 30 days</title>" in html


def test_a_spent_budget_freezes_the_page(tmp_path):
    html = rendered(tmp_path, [(0, made.counts(5_000, failed=100))])
    assert 'class="verdict freeze"' in html
    assert "100 failed, 25 may" in html


@pytest.mark.parametrize("count", [1, 10, 8_640])
def test_any_number_of_windows_makes_a_page(tmp_path, count):
    outline = inert(rendered(tmp_path, [(n, made.counts(500, failed=1)) for n in range(count)]))
    assert outline.tags.count("figure") == 6
    assert outline.tags.count("svg") == 8  # four with data, each wide and narrow


def test_nothing_at_all_makes_a_page(tmp_path):
    outline = inert(rendered(tmp_path, [], None))
    assert "NO DATA" in outline.words
    assert "svg" not in outline.tags


def test_foreign_logs_say_what_they_do_not_know(tmp_path):
    windows = [(0, made.counts(5_000, failed=3, timed=0))]
    words = inert(rendered(tmp_path, windows, None, route="*")).words
    assert "No request has a known duration. That is not the same as fast." in words
    assert "No data: no request with a known duration was counted." in words
    assert "No data: no redirect was counted, or these logs name no short links." in words
    assert "May hop ship a release? SHIP" in words


def test_no_rejects_are_said(tmp_path):
    assert "None: every line was understood." in inert(rendered(tmp_path, [])).words


def test_hostile_text_is_shown_and_does_nothing(tmp_path):
    html = rendered(
        tmp_path,
        [(0, made.counts(5_000))],
        clicks=[(HOSTILE, 3)],
        rejects=[(HOSTILE, "json", HOSTILE, 2)],
        manifest={"inputs": [{"file": HOSTILE}]},
    )
    words = inert(html).words
    assert "<script>alert(1)</script>" in words
    assert "\\x00\\x1b[31m\\u202e" in words
    assert not re.search("[\x00\x1b\u202e]", html)


def test_many_rejects_are_cut_and_counted(tmp_path):
    rejects = [(f"log.{n}", "blank", "", 1) for n in range(60)]
    assert "And 10 more rows" in inert(rendered(tmp_path, [], rejects=rejects)).words


def test_a_hundred_thousand_slugs_do_not_make_the_page_longer(tmp_path):
    clicks = [(f"s{number:06}", 1) for number in range(100_000)]
    assert len(rendered(tmp_path, [(0, made.counts(5_000))], clicks=clicks)) < 200_000


def test_every_plot_has_words_and_a_table(tmp_path):
    windows = [(n, made.counts(500)) for n in range(3)]
    outline = inert(rendered(tmp_path, windows, clicks=[("a", 1)], rejects=[("f", "json", "{", 1)]))
    labels = [value for tag, name, value in outline.attributes if name == "aria-label"]
    assert outline.tags.count("svg") == 12
    assert sum(" " in label and "." in label for label in labels) == 12
    assert outline.tags.count("details") == 6


def test_the_only_style_is_the_one_the_policy_names(tmp_path):
    html = rendered(tmp_path, [])
    policy = next(
        value
        for _, name, value in Outline(html).attributes
        if name == "content" and "none" in value
    )
    style = re.search("<style>(.*?)</style>", html, re.DOTALL)[1]
    assert policy == f"default-src 'none'; img-src data:; style-src '{page._hash(style)}'"


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    """WCAG 2.2: (lighter + 0.05) / (darker + 0.05)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def schemes():
    css = (files("hop_etl.report") / "page.css").read_text("utf-8")
    light, dark = re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    return [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block)) for block in (light, dark)]


@pytest.mark.parametrize("scheme", schemes(), ids=["light", "dark"])
def test_text_and_lines_stand_out(scheme):
    # WCAG 2.2 AA: 4.5 for text, 3 for what carries meaning in a picture.
    for text in ("text", "muted", "bad"):
        for ground in ("card", "page"):
            assert contrast(scheme[text], scheme[ground]) >= 4.5, (text, ground)
    for ground in ("ship", "freeze", "no-data"):
        assert contrast(scheme.get("on-verdict", "#ffffff"), scheme[ground]) >= 4.5, ground
    for line in ("availability", "latency", "good", "bad"):
        assert contrast(scheme[line], scheme["card"]) >= 3, line


def test_both_schemes_define_the_same_colours():
    light, dark = schemes()
    assert set(light) - set(dark) == {"on-verdict"}


@pytest.fixture
def options(tmp_path):
    promised = tmp_path / "objectives.json"
    service = {
        "window_s": 2_592_000,
        "objectives": {
            "availability": {"target": 0.995},
            "latency": {"target": 0.99, "threshold_ms": 250},
        },
    }
    promised.write_text(json.dumps({"services": {"hop": service}}), "utf-8")
    link = made.write(tmp_path, [(0, made.counts(5_000))])
    return ["report", "--tables", str(link), "--objectives", str(promised), "--out"]


def run(argv):
    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers(required=True))
    args = parser.parse_args(argv)
    return args.run(args)


def test_the_command_writes_the_page_and_says_where(options, tmp_path, capsys):
    out = tmp_path / "new" / "index.html"
    reference = tmp_path / "reference.json"
    reference.write_text('{"latency_histogram": {"buckets_ms": [250], "counts": [4, 1]}}')
    assert run([*options, str(out), "--latency", str(reference)]) == 0
    assert capsys.readouterr().out == f"{out}\n"
    assert "5 requests by duration" in out.read_text("utf-8")
    assert [path.name for path in out.parent.iterdir()] == ["index.html"]


def test_a_page_that_cannot_be_written_is_named_and_nothing_is_left(options, tmp_path):
    (tmp_path / "index.html").mkdir()
    with pytest.raises(InputError, match=r"cannot write .*index\.html"):
        run([*options, str(tmp_path / "index.html")])
    assert not list(tmp_path.glob(".index*"))


def test_an_interrupted_write_keeps_the_old_page(tmp_path, monkeypatch):
    out = tmp_path / "index.html"
    command.write(out, "old")

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        command.write(out, "new")
    assert out.read_text() == "old"
    assert list(tmp_path.iterdir()) == [out]


def test_these_tests_notice_a_page_that_does_not_escape(tmp_path, monkeypatch):
    """The negative control: without autoescape the hostile sample must be found."""
    careful = page.Environment

    def careless(**options):
        return careful(**{**options, "autoescape": False})

    monkeypatch.setattr(page, "Environment", careless)
    with pytest.raises(AssertionError):
        test_hostile_text_is_shown_and_does_nothing(tmp_path)


def test_these_tests_notice_pale_text():
    """The negative control of contrast: grey on grey must be found."""
    light = schemes()[0] | {"muted": "#b0b6bd"}
    with pytest.raises(AssertionError):
        test_text_and_lines_stand_out(light)
