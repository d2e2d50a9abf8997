"""Signing in: how claims are judged, settings that cannot work, what signing out leaves."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from commerce import sign_in
from commerce.access import Standing, judge, sign_in_name
from commerce.errors import Refused
from commerce.staff_list import parse

NOW, HOURS = 1_800_000_000, 3600
LIST = parse("kim@gwangsan.go.kr\nsub:77")
KIM: dict[str, Any] = {
    "is_logged_in": True,
    "iss": "https://sign-in.example.kr",
    "sub": "1",
    "email": "Kim@gwangsan.go.kr",
    "email_verified": True,
    "iat": NOW - 60,
    "exp": NOW - 30,
    "nonce": "n",
}
GOOD = {
    "redirect_uri": "https://commerce.example.kr/oauth2callback",
    "cookie_secret": "x" * 32,
    "client_id": "a",
    "client_secret": "b",
    "server_metadata_url": "https://sign-in.example.kr/.well-known/openid-configuration",
}


@pytest.mark.parametrize(
    ("changed", "standing", "who"),
    [
        ({}, "staff", "kim@gwangsan.go.kr"),
        ({"email_verified": "true"}, "staff", "kim@gwangsan.go.kr"),
        ({"sub": "77", "email": "lee@x.kr"}, "staff", "lee@x.kr"),
        ({"sub": "77", "email": None}, "staff", "sub:77"),
        ({"sub": "77", "email_verified": False}, "staff", "sub:77"),
        ({"email_verified": False}, "unverified", "kim@gwangsan.go.kr"),
        ({"email_verified": None}, "unverified", "kim@gwangsan.go.kr"),
        ({"email_verified": 1}, "unverified", "kim@gwangsan.go.kr"),
        ({"email_verified": "yes"}, "unverified", "kim@gwangsan.go.kr"),
        ({"email": "lee@gwangsan.go.kr"}, "unlisted", "lee@gwangsan.go.kr"),
        ({"email": None}, "unlisted", "sub:1"),
        ({"email": ["kim@gwangsan.go.kr"]}, "unlisted", "sub:1"),
        ({"email": "\u212aim@gwangsan.go.kr"}, "unlisted", "sub:1"),
        ({"iat": NOW - 12 * HOURS + 1}, "staff", "kim@gwangsan.go.kr"),
        ({"iat": NOW - 12 * HOURS}, "expired", "kim@gwangsan.go.kr"),
        ({"iat": NOW + 299}, "staff", "kim@gwangsan.go.kr"),
        ({"iat": NOW + 301}, "expired", "kim@gwangsan.go.kr"),
        ({"iat": None}, "expired", "kim@gwangsan.go.kr"),
        ({"iat": str(NOW)}, "expired", "kim@gwangsan.go.kr"),
        ({"iat": True}, "expired", "kim@gwangsan.go.kr"),
        ({"iat": float("nan")}, "expired", "kim@gwangsan.go.kr"),
        ({"iat": float("inf")}, "expired", "kim@gwangsan.go.kr"),
        ({"is_logged_in": False}, "away", ""),
        ({"is_logged_in": "true"}, "away", ""),
        ({"is_logged_in": None}, "away", ""),
        ({"sub": ""}, "away", ""),
        ({"sub": None}, "away", ""),
        ({"sub": 77}, "away", ""),
    ],
)
def test_claims_are_judged(changed: dict[str, Any], standing: Standing, who: str) -> None:
    found = judge(KIM | changed, LIST, now=NOW, seconds=12 * HOURS)
    assert (found.standing, found.who) == (standing, who)


def test_nobody_and_who_signed_out_are_away() -> None:
    assert judge({}, LIST, now=NOW, seconds=12 * HOURS).standing == "away"
    name = sign_in_name(KIM)
    gone = judge(KIM, LIST, now=NOW, seconds=12 * HOURS, has_ended=lambda asked: asked == name)
    assert gone.standing == "away"
    again = KIM | {"nonce": "another"}  # in the same second
    assert sign_in_name(again) != name


def test_signing_out_is_remembered_by_every_process_and_forgotten_when_expired(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMMERCE_STATE", str(tmp_path))
    assert not sign_in.has_ended("a")
    sign_in.end("a")
    assert sign_in.has_ended("a")
    monkeypatch.setattr(sign_in.time, "time", lambda: 60 * 60 * 24 * 365 * 100)
    sign_in.end("b")
    assert sign_in.has_ended("b")
    assert not sign_in.has_ended("a")
    assert (tmp_path / "signed-out.txt").stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["signed-out.txt"]


def written(path: Path, **changed: str | None) -> Path:
    rows = [f'{key} = "{value}"' for key, value in (GOOD | changed).items() if value is not None]
    path.write_text("[auth]\n" + "\n".join(rows) + "\n")
    return path


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COMMERCE_STATE", str(tmp_path))
    monkeypatch.delenv("COMMERCE_SECRETS", raising=False)
    return tmp_path / "secrets.toml"


def test_without_settings_nobody_signs_in_and_good_ones_are_taken(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not sign_in.is_meant()
    assert sign_in.settings() is None
    written(file)
    assert sign_in.is_meant()
    assert sign_in.settings() == GOOD
    written(file, redirect_uri="http://localhost:8501/oauth2callback")
    assert sign_in.settings()
    monkeypatch.setenv("COMMERCE_SECRETS", str(file.parent / "elsewhere.toml"))
    assert sign_in.is_meant()  # a file that is named and missing does not open the doors


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"client_id": None, "client_secret": ""}, "client_id, client_secret"),
        ({"cookie_secret": "short"}, "32"),
        ({"redirect_uri": "https://commerce.example.kr/"}, "/oauth2callback"),
        ({"redirect_uri": "http://commerce.example.kr/oauth2callback"}, "redirect_uri"),
        ({"server_metadata_url": "http://sign-in.example.kr/x"}, "server_metadata_url"),
        ({"server_metadata_url": "ftp://localhost/x"}, "server_metadata_url"),
        ({"expose_tokens": "access"}, "expose_tokens"),
    ],
)
def test_settings_that_cannot_work_are_refused_in_a_sentence(
    file: Path, changed: dict[str, str | None], said: str
) -> None:
    written(file, **changed)
    with pytest.raises(Refused) as refused:
        sign_in.settings()
    assert said in str(refused.value)
    assert str(file) in str(refused.value)


@pytest.mark.parametrize("text", [b"[auth", b"\xff\xfe", b"", b"auth = 3", b"[auth.google]\na = 1"])
def test_a_file_that_is_no_settings_is_refused(file: Path, text: bytes) -> None:
    file.write_bytes(text)
    with pytest.raises(Refused):
        sign_in.settings()


@pytest.mark.parametrize("hours", ["0", "-1", "721", "nan", "inf", "twelve"])
def test_a_length_that_cannot_be_is_refused(monkeypatch: pytest.MonkeyPatch, hours: str) -> None:
    monkeypatch.setenv("COMMERCE_SIGN_IN_HOURS", hours)
    with pytest.raises(Refused):
        sign_in.seconds()


def test_the_app_does_not_start_with_broken_settings(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text("[auth]\n")
    ran = subprocess.run(
        [sys.executable, "-m", "commerce", "serve", "--port", "1"],
        cwd=Path(__file__).resolve().parent.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert "cookie_secret" in ran.stderr
    assert "Traceback" not in ran.stderr
