"""nginx as a child, with the committed configuration filled in for this machine."""

import datetime as dt
import ipaddress
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.browser.install import nginx as find_nginx
from tests.serving import ROOT, free_port, wait_for

MAIN = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
worker_processes 1;
{user}
events {{ worker_connections 512; }}
http {{
    include {types};
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/commerce.conf;
}}
"""


def filled(folder: Path, app: int, port: int, plain: int) -> str:
    """Return deploy/nginx.conf with our ports, name and certificate; each stands there."""
    text = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    for old, new, times in (
        ("server 127.0.0.1:8501;", f"server 127.0.0.1:{app};", 1),
        ("listen 443 ", f"listen 127.0.0.1:{port} ", 2),
        ("listen 80", f"listen 127.0.0.1:{plain}", 2),
        ("server_name commerce.example.kr;", "server_name localhost;", 2),
        ("/etc/ssl/commerce/", f"{folder}/", 4),
        ("/var/www/html", f"{folder}", 1),
    ):
        assert text.count(old) == times, old
        text = text.replace(old, new)
    return text


def certify(folder: Path) -> None:
    """Write a certificate for localhost that nobody else trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
            ),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


@contextmanager
def nginx(folder: Path, app: int, port: int) -> Iterator[int]:
    """Run nginx before the app on port ``app``; https at ``port``, and give that of http."""
    program = find_nginx()
    assert program, "no nginx: run python -m tests.browser.install"
    plain = free_port()
    certify(folder)
    types = Path("/etc/nginx/mime.types")
    main = MAIN.format(folder=folder, types=types, user="user root;" if os.geteuid() == 0 else "")
    (folder / "nginx.conf").write_text(main)
    (folder / "commerce.conf").write_text(filled(folder, app, port, plain), "utf-8")
    command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf")]
    checked = subprocess.run([*command, "-t", "-q"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    child = subprocess.Popen(command)
    try:
        wait_for(port, child)
        yield plain
    finally:
        child.terminate()
        child.wait(timeout=20)
