"""Assets: our own styles and scripts plus two files of others, built under names that carry their content's hash.

htmx and the font come out of packages locked by hash in requirements/assets.txt; nothing of others is committed.
`python -m setori.web.assets` builds. Each build lies in a folder of its own, and a server reads the manifest once,
when it starts: building again never takes a file away from a server that runs.
"""

import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

ROOT = Path(__file__).resolve().parents[3]
OURS = ROOT / "web" / "static"
BUILD = ROOT / "build"
STATIC = BUILD / "static"
MANIFEST = STATIC / "manifest.json"
PACKAGES = BUILD / "packages"
LOCK = ROOT / "requirements" / "assets.txt"
HTMX = "django_htmx/static/django_htmx/htmx-2.min.js"
FONT = "fontpkg_figtree/files/Figtree[wght].ttf"

PRINTED = {"": ("figtree-regular.ttf", 400), "B": ("figtree-bold.ttf", 700)}
"""The font as documents for print need it: one file for each weight, by fpdf's name of the style."""

_MENTION = re.compile(rb"""(url\(|from |import )(["'])(?:\./)?([\w./-]+)\2""")
_SQUEEZED = {".css", ".js", ".svg", ".json"}


@dataclass(frozen=True)
class Assets:
    """The built files: their folder and, for each plain name, the address it is served under."""

    directory: Path
    names: dict[str, str]

    def url(self, name: str) -> str:
        """Where `setori.css` is served from; raises KeyError when it was never built."""
        return f"/static/{self.names[name]}"


def load() -> Assets:
    """What was built last. Raises FileNotFoundError, with what to do about it, when nothing was."""
    if not MANIFEST.exists():
        raise FileNotFoundError("The assets are not built: run `python -m setori.web.assets` first.")
    manifest = json.loads(MANIFEST.read_text())
    return Assets(STATIC / manifest["folder"], manifest["names"])


def print_fonts() -> dict[str, Path]:
    """The font for documents, one file a style, cut from the variable font when it has not been yet."""
    paths = {style: PACKAGES / name for style, (name, _) in PRINTED.items()}
    for style, (_, weight) in PRINTED.items():
        if not paths[style].exists():
            font = instantiateVariableFont(TTFont(PACKAGES / FONT), {"wght": weight}, updateFontNames=True)
            draft = paths[style].with_suffix(f".{os.getpid()}")
            font.save(draft)
            draft.replace(paths[style])
    return paths


def build() -> Assets:
    """Fetch what is not ours when its lock changed, then write every file under its hashed name.

    The styles in css/ are joined into one setori.css, in the order of their names.
    """
    fetch()
    print_fonts()
    sources = {path.relative_to(OURS).as_posix(): path.read_bytes() for path in _files(OURS)}
    styles = [name for name in sorted(sources) if name.startswith("css/")]
    sources["setori.css"] = b"\n".join(sources.pop(name) for name in styles)
    sources["htmx.js"] = (PACKAGES / HTMX).read_bytes()
    sources["figtree.woff2"] = (PACKAGES / "figtree.woff2").read_bytes()

    names: dict[str, str] = {}
    contents: dict[str, bytes] = {}
    for name in _those_mentioned_first(sources):
        contents[name] = _with_hashed_mentions(name, sources[name], names)
        names[name] = _hashed(name, contents[name])

    folder = hashlib.sha256(json.dumps(names, sort_keys=True).encode()).hexdigest()[:10]
    if not (STATIC / folder).exists():
        half = STATIC / f"{folder}.{os.getpid()}"
        for name, content in contents.items():
            _write(half / names[name], content)
        try:
            half.rename(STATIC / folder)
        except OSError:  # somebody else built the same at the same time
            shutil.rmtree(half)
    draft = STATIC / f"manifest.{os.getpid()}"
    draft.write_text(json.dumps({"folder": folder, "names": names}, indent=1, sort_keys=True))
    draft.replace(MANIFEST)
    _forget_old_builds()
    return Assets(STATIC / folder, names)


def fetch() -> None:
    """Install the locked packages beside the build and turn the font into woff2, once for each state of the lock."""
    stamp = PACKAGES / "installed.lock"
    if stamp.exists() and stamp.read_bytes() == LOCK.read_bytes():
        return
    shutil.rmtree(PACKAGES, ignore_errors=True)
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "-qq",
        "--disable-pip-version-check",
        "--no-deps",
        "--no-compile",
    ]
    locked = ["--only-binary", ":all:", "--require-hashes", "--target", str(PACKAGES), "-r", str(LOCK)]
    subprocess.run([*pip, *locked], check=True)
    compress = "import sys; from fontTools.ttLib import woff2; woff2.compress(sys.argv[1], sys.argv[2])"
    subprocess.run(
        [sys.executable, "-c", compress, str(PACKAGES / FONT), str(PACKAGES / "figtree.woff2")],
        check=True,
        env={**os.environ, "PYTHONPATH": str(PACKAGES)},
    )
    shutil.copyfile(LOCK, stamp)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def _mentioned(name: str, content: bytes, sources: dict[str, bytes]) -> dict[bytes, str]:
    """What a style or script names, as it is written there, and which of the sources it is."""
    if not name.endswith((".css", ".js")) or name == "htmx.js":
        return {}
    beside = Path(name).parent
    found = {}
    for _, _, written in _MENTION.findall(content):
        text = written.decode()
        near = os.path.normpath((beside / text).as_posix())
        for candidate in (near, text):
            if candidate in sources and candidate != name:
                found[written] = candidate
                break
    return found


def _those_mentioned_first(sources: dict[str, bytes]) -> list[str]:
    """An order in which each file comes after the ones it names, because its own hash depends on theirs."""
    order: list[str] = []
    waiting: set[str] = set()

    def visit(name: str) -> None:
        if name in order:
            return
        if name in waiting:
            raise ValueError(f"{name} names a file that names it back: their hashes cannot be made")
        waiting.add(name)
        for other in _mentioned(name, sources[name], sources).values():
            visit(other)
        order.append(name)

    for name in sorted(sources):
        visit(name)
    return order


def _with_hashed_mentions(name: str, content: bytes, names: dict[str, str]) -> bytes:
    mentioned = _mentioned(name, content, dict.fromkeys(names, b""))

    def hashed(match: re.Match[bytes]) -> bytes:
        before, quote, written = match.groups()
        if written not in mentioned:
            return match.group(0)
        return before + quote + f"/static/{names[mentioned[written]]}".encode() + quote

    return _MENTION.sub(hashed, content) if mentioned else content


def _hashed(name: str, content: bytes) -> str:
    path = Path(name)
    digest = hashlib.sha256(content).hexdigest()[:10]
    return path.with_name(f"{path.stem}.{digest}{path.suffix}").as_posix()


def _write(path: Path, content: bytes) -> None:
    """Write a file, and its gzipped twin where that makes it smaller."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    if path.suffix in _SQUEEZED and len(content) > 200:
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(content, 9, mtime=0))


def _forget_old_builds(keep: int = 5) -> None:
    """A build that was made five builds ago is nobody's any more."""
    builds = sorted(
        (path for path in STATIC.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime
    )
    for path in builds[:-keep]:
        shutil.rmtree(path, ignore_errors=True)


if __name__ == "__main__":
    build()
