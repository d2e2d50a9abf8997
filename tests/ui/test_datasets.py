"""The datasets page: what is loaded; files dropped, run dry, published, taken back; bad input."""

from __future__ import annotations

import datetime as dt
import io
import os
import shutil
import signal
import time
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from commerce.i18n import set_language
from commerce.ingest import ingest
from commerce.publishing import Options, jobs, propose, publish
from commerce.snapshot import DEMO_DIR, history, resolve
from commerce.ui import datasets_place, datasets_words, guard
from tests.ingest.permits import NOWHERE, csv_bytes, shop
from tests.ui.test_workbench import HOME, ROOT, html_of

VIEWS = ["loaded", "new", "quality", "history"]
NAME = "식품_일반음식점.csv"


@pytest.fixture(autouse=True)
def _own_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COMMERCE_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("COMMERCE_DATA", str(DEMO_DIR))
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(guard, "_connection", lambda: HOME)
    set_language("ko")


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with twelve shops, and one row refused."""
    folder = tmp_path_factory.mktemp("published")
    file = folder / NAME
    file.write_bytes(csv_bytes([shop(n) for n in range(1, 13)] + [shop(13, opened="모름")]))
    set_language("ko")
    ingest([file], folder / "data")
    return folder / "data"


@pytest.fixture
def place(published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same folder, for one test to change."""
    folder = tmp_path / "data"
    shutil.copytree(published, folder)
    monkeypatch.setenv("COMMERCE_DATA", str(folder))
    return folder


def opened(**query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    # By its link, as a browser does: on the way from another page the harness loses the language.
    app.switch_page("pages/staff/datasets.py")
    for key, value in query.items():
        app.query_params[key] = value
    return app.run()


def dropped(*files: tuple[str, bytes], **query: str) -> AppTest:
    """Drop files on the page, run them dry, and wait until the run has ended."""
    app = opened(datasets_view="new", **query)
    app.file_uploader[0].set_value([(name, content, "") for name, content in files]).run()
    assert not app.exception
    app.button(key="datasets_run").click().run()
    return finished(app)


def finished(app: AppTest) -> AppTest:
    for _ in range(600):
        assert not app.exception
        if not any(button.key == "datasets_cancel" for button in app.button):
            return app
        time.sleep(0.1)
        app.run()
    raise AssertionError("the run did not end")


def keys(app: AppTest) -> set[str]:
    return {str(button.key) for button in app.button}


def test_others_see_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "_connection", lambda: ("10.0.0.3", HOME[1]))
    app = opened(datasets_view="new")
    assert not app.exception
    assert "직원만" in html_of(app)
    assert not app.file_uploader
    assert not [key for key in keys(app) if key.startswith("datasets")]


@pytest.mark.parametrize("language", ["한국어", "English"])
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_is_drawn(view: str, language: str) -> None:
    app = opened(datasets_view=view, lang=language)
    assert not app.exception
    assert not app.error
    words = " ".join([html_of(app), *(str(block.value) for block in app.subheader)])
    assert "datasets." not in words  # every key has its words


@pytest.mark.parametrize("language", ["한국어", "English"])
@pytest.mark.usefixtures("place")
def test_sources_are_named_in_the_readers_language_and_found_by_their_file(language: str) -> None:
    korean = language == "한국어"
    set_language("ko" if korean else "en")  # the harness names options itself
    app = opened(datasets_view="loaded", lang=language)
    assert not app.exception
    told = "일반음식점 인허가" if korean else "General restaurants: permits"
    sources, accounts, *_ = (frame.value for frame in app.dataframe)
    assert f"{told} · {NAME}" in sources["title"].tolist()
    assert f"{told} · {NAME}" in accounts["title"].tolist()
    if korean:
        assert "title_ko" not in sources
    else:
        assert f"일반음식점 인허가 · {NAME}" in sources["title_ko"].tolist()
        assert sources["publisher"].str.startswith("Ministry").any()
    (option,) = app.selectbox[0].options
    assert option.startswith(f"{told} · {NAME}")


@pytest.mark.parametrize("language", ["한국어", "English"])
def test_quality_over_time_of_one_snapshot_says_so_and_of_two_what_moved(
    place: Path, tmp_path: Path, language: str
) -> None:
    korean = language == "한국어"
    set_language("ko" if korean else "en")  # the harness names options itself
    app = opened(datasets_view="quality", lang=language)
    assert not app.exception
    assert app.subheader[0].value.startswith("견줄 앞선" if korean else "There is no earlier")
    assert [metric.value for metric in app.metric] == ["0.0%", "–", "0.0%", "7.7%"]  # 1 of 13
    assert not any(metric.delta for metric in app.metric)
    lone = len(app.get("vega_lite_chart"))
    new = [
        shop(n, road=f"광주광역시 광산구 새길 {n} (수완동)", lot="", **NOWHERE)
        for n in range(20, 24)
    ]
    file = tmp_path / NAME
    file.write_bytes(csv_bytes(new))
    publish(place, propose([file], place, who="").id, who="", why="", confirmed="test")
    app = opened(datasets_view="quality", lang=language)
    assert not app.exception
    title = app.subheader[0].value.replace("\\", "")
    assert "좌표 없음" in title if korean else "No point" in title
    assert "0.0%" in title  # none of 12 before
    assert "25.0%" in title  # four of 16 now
    assert [metric.value for metric in app.metric] == ["25.0%", "–", "0.0%", "5.9%"]  # 1 of 17
    assert "7.7%" in app.metric[3].delta
    assert len(app.get("vega_lite_chart")) == lone + 4


def test_fixed_data_has_its_quality_now() -> None:
    app = opened(datasets_view="quality")
    assert [metric.value for metric in app.metric] == ["17.3%", "2.5%", "0.17%", "0.0043%"]


@pytest.mark.parametrize(
    ("language", "label"), [("한국어", "품질"), ("English", "Quality")], ids=["ko", "en"]
)
@pytest.mark.parametrize("asked", ["quality", "품질", "Quality"])
def test_a_link_keeps_its_view_in_the_url_in_the_words_of_its_reader(
    language: str, label: str, asked: str
) -> None:
    app = opened(lang=language, datasets_view=asked)
    assert not app.exception
    assert app.query_params["datasets_view"] in (label, [label])
    assert app.segmented_control(key="datasets_view").value == "quality"
    app.run()
    assert app.query_params["datasets_view"] in (label, [label])


@pytest.mark.parametrize("view", VIEWS)
def test_it_stands_without_any_permit(
    view: str, empty_snapshot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMMERCE_DATA", str(empty_snapshot))
    assert not opened(datasets_view=view).exception


@pytest.mark.parametrize(
    "query",
    [
        {"datasets_view": "../secret"},
        {"datasets_view": "new", "job": "../../etc/passwd"},
        {"datasets_view": "new", "job": "<script>alert(1)</script>"},
        {"datasets_view": "new", "job": "a" * 100_000},
        {"datasets_view": "new", "job": "0123456789ab"},
        {"datasets_view": "quality", "datasets_missing": "' or 1=1 --"},
        {"datasets_view": "history", "datasets_proposal": "=cmd()"},
        {"datasets_view": "loaded", "datasets_refused_source": "{0}"},
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", ["한국어", "English"])
def test_hostile_links_fall_back(query: dict[str, str], language: str, place: Path) -> None:
    app = opened(**query, lang=language)
    assert not app.exception
    assert not app.error
    assert "<script>alert" not in html_of(app)


def test_one_fixed_snapshot_takes_no_files() -> None:
    app = opened(datasets_view="new")
    assert not app.file_uploader
    assert "COMMERCE_DATA" in app.info[0].value


def test_what_is_loaded_adds_up_and_refused_rows_are_shown(place: Path) -> None:
    app = opened(datasets_view="loaded")
    words = html_of(app)
    assert "1행" in words  # may be mended and sent again
    accounts = next(f.value for f in app.dataframe if "rows_in" in f.value and "used" in f.value)
    row = accounts[accounts["rows_in"] == 13].iloc[0]
    assert (row["rows_kept"], row["rows_refused"], row["used"]) == (12, 1, 12)
    examples = next(f.value for f in app.dataframe if "돌려보낸 까닭" in f.value)
    assert examples["인허가일자"].tolist() == ["모름"]
    assert examples["원래 행 번호"].tolist() == [13]
    names = {button.proto.label for button in app.get("download_button")}
    assert "고칠 수 있는 1행 내려받기" in names


@pytest.mark.parametrize("language", ["한국어", "English"])
def test_from_files_to_the_overview_and_back(place: Path, language: str) -> None:
    set_language("ko" if language == "한국어" else "en")  # the harness names options itself
    before = resolve(place).path.name
    reader = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
    new = [shop(n) for n in range(20, 24)]
    closed = shop(1, code="03", state="폐업", closed="2026-03-01", refreshed="2026-03-31 10:00:00")
    app = dropped((NAME, csv_bytes([*new, closed])), lang=language)
    assert not app.error
    assert history(place) == [before]
    metrics = {metric.label: metric.value for metric in app.metric}
    korean = language == "한국어"
    assert metrics["새로 생김" if korean else "New"] == "4"
    assert metrics["달라짐" if korean else "Changed"] == "1"
    next(box for box in app.text_input if str(box.key).startswith("datasets_why")).set_value(
        "<b>11월</b> 갱신"
    )
    app.button(key="datasets_publish").click().run()
    assert not app.exception
    assert not app.error
    now = resolve(place).path.name
    assert now != before
    assert len(app.success) == 1
    assert "12 → <b>15</b>" in html_of(app)
    assert not reader.run().exception  # who had a page open reads on
    app.segmented_control(key="datasets_view").set_value("history").run()
    words = html_of(app)
    assert "&lt;b&gt;11월&lt;/b&gt; 갱신" in words
    assert "<b>11월" not in words
    app.button(key=f"datasets_back_{before}").click().run()
    assert resolve(place).path.name == now  # asked first
    told = " ".join(block.value for block in app.markdown)
    assert "16" in told
    app.button(key="datasets_back_do").click().run()
    assert not app.exception
    assert resolve(place).path.name == before
    assert "15 → <b>12</b>" in html_of(app)


def test_the_first_publish_in_a_new_folder_replaces_the_demo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "new"
    folder.mkdir()
    monkeypatch.setenv("COMMERCE_DATA", str(folder))
    reader = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
    assert "합성 자료" in html_of(reader)
    for view in ("loaded", "quality", "history"):
        app = opened(datasets_view=view)
        assert not app.exception
        assert not app.error
        assert "아직 공개한 자료가 없어" in html_of(app)
    app.button(key="datasets_notice_open").click().run()
    assert "아직 공개한 자료가 없어" in app.info[0].value
    app = dropped((NAME, csv_bytes([shop(n) for n in range(1, 41)])))
    assert not app.error
    assert "인허가 40건이 처음으로" in html_of(app)
    assert not history(folder)
    app.button(key="datasets_publish").click().run()
    assert not app.exception
    assert not app.error
    assert len(history(folder)) == 1
    words = html_of(app)
    assert "합성 자료는 사라졌습니다. 영업 중인 인허가 <b>40</b>" in words
    assert "→ <b>" not in words  # the demo is nothing to compare with
    reader.run()
    assert not reader.exception
    assert reader.metric[0].value == "40"
    assert "합성 자료" not in html_of(reader)


def test_what_a_check_stops_is_published_with_a_reason_alone(place: Path, tmp_path: Path) -> None:
    file = tmp_path / NAME
    many = [shop(n, opened="모름" if n % 10 == 0 else "2020-01-15") for n in range(1, 1301)]
    file.write_bytes(csv_bytes(many))
    proposal = propose([file], place, who="somebody")
    assert [check.id for check in proposal.blocking] == ["rows_refused"]
    before = resolve(place).path.name
    app = opened(datasets_view="new")
    assert "까닭을 적어야" in html_of(app)
    app.button(key="datasets_publish").click().run()
    assert len(app.error) == 1
    assert resolve(place).path.name == before
    app.text_area[0].set_value("위생과에 확인함").run()
    app.button(key="datasets_publish").click().run()
    assert not app.error
    assert resolve(place).path.name != before
    app.segmented_control(key="datasets_view").set_value("history").run()
    assert "위생과에 확인함" in html_of(app)


def test_a_dry_run_is_thrown_away(place: Path, tmp_path: Path) -> None:
    file = tmp_path / NAME
    file.write_bytes(csv_bytes([shop(50)]))
    propose([file], place, who="somebody")
    app = opened(datasets_view="loaded")
    assert "기다리는" in html_of(app)
    app.button(key="datasets_notice_open").click().run()
    app.button(key="datasets_discard").click().run()
    assert not app.exception
    assert app.file_uploader
    assert len(app.info) == 1
    assert len(history(place)) == 1


def test_who_publishes_second_is_told(place: Path, tmp_path: Path) -> None:
    file = tmp_path / NAME
    file.write_bytes(csv_bytes([shop(50)]))
    propose([file], place, who="first")
    app = opened(datasets_view="new")
    file.write_bytes(csv_bytes([shop(60)]))
    ingest([file], place)
    now = resolve(place).path.name
    app.button(key="datasets_publish").click().run()
    assert not app.exception
    assert len(app.error) == 1
    assert "그사이" in app.error[0].value
    assert resolve(place).path.name == now
    app.button(key="datasets_discard").click().run()
    assert app.file_uploader


def bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(NAME, b"0" * (48 * 2**20))
    return packed.getvalue()


BAD = {
    "empty": (NAME, lambda: b""),
    "header only": (NAME, lambda: csv_bytes([])),
    "unknown": ("=cmd().csv", lambda: "가,나\n1,2\n".encode()),
    "bomb": ("폭탄.zip", bomb),
    "broken geojson": ("<script>alert(1)</script>.geojson",
                       lambda: b'{"type": "FeatureCollection", "features": [{"geometry": '),
}  # fmt: skip


@pytest.mark.parametrize("case", list(BAD))
def test_bad_files_get_one_sentence_and_the_page_stays_usable(case: str, place: Path) -> None:
    name, content = BAD[case]
    app = dropped((name, content()))
    assert len(app.error) == 1
    said = app.error[0].value
    assert "그대로입니다" in said
    assert "<script>" not in said
    assert "/jobs/" not in said.replace("\\", "")
    assert len(history(place)) == 1
    app.button(key="datasets_again").click().run()
    assert not app.exception
    assert app.file_uploader


def test_a_wrong_district_is_told_before_anything_runs(place: Path, tmp_path: Path) -> None:
    app = opened(datasets_view="new")
    app.file_uploader[0].upload(NAME, csv_bytes([shop(1)]), "").run()
    app.text_input(key="datasets_district").set_value("<b>1</b>").run()
    app.button(key="datasets_run").click().run()
    assert not app.exception
    assert len(app.error) == 1
    assert not jobs.jobs(tmp_path / "state")


def test_a_run_that_dies_is_told(place: Path, tmp_path: Path) -> None:
    inbox = jobs.inbox(tmp_path / "state")
    file = inbox / NAME
    file.write_bytes(csv_bytes([shop(n) for n in range(5000)]))
    job = jobs.start(tmp_path / "state", place, [file], who="somebody", options=Options())
    os.killpg(job._group(), signal.SIGKILL)
    for _ in range(100):
        if job.state().done:
            break
        time.sleep(0.05)
    app = opened(datasets_view="new", job=job.id)
    assert not app.exception
    assert "멈췄습니다" in app.error[0].value
    app.button(key="datasets_again").click().run()
    assert app.file_uploader


def test_a_run_is_seen_by_others_and_cancelled(place: Path, tmp_path: Path) -> None:
    file = jobs.inbox(tmp_path / "state") / NAME
    file.write_bytes(csv_bytes([shop(n) for n in range(9000)]))
    job = jobs.start(tmp_path / "state", place, [file], who="somebody", options=Options())
    app = opened(datasets_view="new")
    assert any("somebody" in str(block.value) for block in app.subheader)
    app.button(key="datasets_cancel").click().run()
    app = finished(app)
    assert job.state().phase == "cancelled"
    assert "그만두었습니다" in app.info[0].value
    assert len(history(place)) == 1


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("식품_일반음식점 (3).csv", "식품_일반음식점 (3).csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\자료\\상가.csv", "상가.csv"),
        ("<script>alert(1)</script>.csv", "script_.csv"),
        ("=cmd()|'/c calc'!A0.csv", "c calc__A0.csv"),
        ("...", "_"),
        ("a\x00b\n.csv.gz", "a_b_.csv.gz"),
        ("가" * 300 + ".geojson", "가" * 62 + ".geojson"),
    ],
)
def test_names_of_uploads_do_no_harm(given: str, kept: str) -> None:
    assert datasets_place.harmless(given) == kept


def test_two_files_of_one_name_are_both_kept(tmp_path: Path) -> None:
    uploads = [io.BytesIO(b"one"), io.BytesIO(b"two")]
    for upload in uploads:
        upload.name = "a.csv"
    saved = datasets_place.save(uploads, tmp_path)
    assert [path.read_bytes() for path in saved] == [b"one", b"two"]


@pytest.mark.parametrize(
    ("snapshot_on", "superseded", "state"),
    [
        (dt.date(2026, 11, 20), 0, "fresh"),
        (dt.date(2026, 10, 11), 0, "fresh"),
        (dt.date(2026, 10, 10), 0, "ageing"),
        (dt.date(2026, 7, 28), 0, "ageing"),
        (dt.date(2026, 7, 27), 0, "old"),
        (dt.date(2020, 1, 1), 10, "replaced"),
        (None, 0, "timeless"),
    ],
)
def test_how_fresh_a_source_is(
    snapshot_on: dt.date | None, superseded: int, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets_words, "today", lambda: dt.date(2026, 11, 25))
    rows = pd.DataFrame(
        {"snapshot_on": [snapshot_on], "rows_kept": [10], "rows_superseded": [superseded]}
    )
    assert datasets_words.freshness(rows) == [state]


@pytest.mark.parametrize(
    ("until", "words"),
    [
        ("2026-11-25", "오늘"),
        ("2026-11-24", "어제"),
        ("2026-10-31", "25일 전"),
        ("2026-09-26", "2달 전"),
        ("2024-11-24", "2년 전"),
        ("2026-12-01", "앞선 날짜"),
    ],
)
def test_how_long_ago_a_day_was(until: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets_words, "today", lambda: dt.date(2026, 11, 25))
    assert datasets_words.age_words(dt.date.fromisoformat(until)) == words
