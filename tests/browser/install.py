"""See that Chromium and nginx are here for the tests that run the app as people meet it,
or say what to install."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def chromium() -> str | None:
    """Return the path of a Chromium or Chrome, from ``CHROMIUM`` or the PATH, or None."""
    given = os.environ.get("CHROMIUM")
    if given:
        return given if os.access(given, os.X_OK) else None
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def nginx() -> str | None:
    """Return the path of nginx, which lies outside the PATH of people on Debian, or None."""
    return shutil.which("nginx") or shutil.which("/usr/sbin/nginx")


def missing() -> list[str]:
    """Return Debian's names of what is not here."""
    found = {"chromium": chromium(), "nginx": nginx()}
    return [package for package, path in found.items() if not path]


def main() -> int:
    """Install Debian's packages as root where they are missing; elsewhere say what to install."""
    wanted = missing()
    if wanted and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {"env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, "check": True}
        subprocess.run(["apt-get", "update", "-qq"], **quiet)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *wanted],
            stdout=subprocess.DEVNULL,
            **quiet,
        )
    if not missing():
        return 0
    print(
        "The tests of the whole app want Chromium and nginx: install what is missing with your "
        f"system's package manager (Debian: apt-get install {' '.join(missing())}), or set "
        "CHROMIUM to the path of a Chrome.",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
