"""Make sure that a Chromium is here for the browser tests, or say what to install."""

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


def main() -> int:
    """Install Debian's Chromium as root where it is missing; elsewhere say what to install."""
    if chromium():
        return 0
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {"env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, "check": True}
        subprocess.run(["apt-get", "update", "-qq"], **quiet)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"],
            stdout=subprocess.DEVNULL,
            **quiet,
        )
        if chromium():
            return 0
    print(
        "The browser tests want Chromium: install it with your system's package manager "
        "(Debian: apt-get install chromium), or set CHROMIUM to the path of a Chrome.",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
