"""What the files for deploying say agrees with the app, and with one another."""

import configparser
import json
import re
import tomllib

from commerce.__main__ import _parser
from tests.serving import ROOT

UNIT = (ROOT / "deploy" / "systemd" / "commerce.service").read_text("utf-8")
NGINX = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")


def test_files_may_be_as_large_at_the_proxy_as_in_the_app() -> None:
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
    most = config["server"]["maxUploadSize"]
    assert f"client_max_body_size {most + 1}m;" in NGINX
    assert f"파일 하나에 {most}MB까지" in NGINX
    assert f"{most} MB each" in (ROOT / "README.md").read_text("utf-8")


def test_the_unit_and_the_image_start_a_command_that_there_is() -> None:
    unit = configparser.RawConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(UNIT)
    program, *words = unit["Service"]["ExecStart"].split()
    assert program.startswith(unit["Service"]["WorkingDirectory"])
    image = json.loads(re.findall(r"^CMD (\[.*\])$", DOCKERFILE, re.M)[-1])
    for command in (words, image[1:]):
        assert command[:2] == ["-m", "commerce"]
        given = _parser().parse_args(command[2:])
        assert (given.command, given.port) == ("serve", 8501)
    assert "server 127.0.0.1:8501;" in NGINX


def test_the_image_runs_as_nobody_in_particular_and_holds_no_secrets() -> None:
    assert re.search(r"^USER 10001:10001$", DOCKERFILE, re.M)
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.M)
    assert all(re.fullmatch(r"python:3\.\d+\.\d+-slim-bookworm", base) for base in bases)
    left_out = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert {".git", ".state", "data/live", "**/secrets.toml"} <= set(left_out)
