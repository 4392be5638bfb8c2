"""Child processes that never outlive their parent, and the lock that keeps two programs off one folder."""

import asyncio
import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Coroutine, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import uvloop

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run to the end on the fast event loop, as `asyncio.run` does on the plain one."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


class InUse(Exception):
    """Another program holds the lock of this folder."""


class FolderLock:
    """A lock on a folder that the system lets go of when this process ends, however it ends."""

    def __init__(self, path: Path) -> None:
        self._file: IO[str] = path.open("a+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise InUse(str(path.parent)) from None

    def release(self) -> None:
        """Let others in; more than once does no harm."""
        self._file.close()


def start(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    output: IO[Any] | int | None = None,
    user: str | None = None,
    at_parents_death: signal.Signals = signal.SIGTERM,
) -> "subprocess.Popen[bytes]":
    """Start a program in a group of its own (Ctrl-C is the parent's to handle) that is told when its parent dies.

    Must be called from the main thread: Linux counts the death of the thread that started a child as the parent's.
    """
    parent = os.getpid()

    def die_with_parent() -> None:
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, int(at_parents_death))
            if os.getppid() != parent:
                os.kill(os.getpid(), signal.SIGKILL)

    as_user: dict[str, Any] = (
        {} if user is None else {"user": user, "group": _group_of(user), "extra_groups": []}
    )
    return subprocess.Popen(
        [str(word) for word in command],
        env=None if env is None else dict(env),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        start_new_session=True,
        preexec_fn=die_with_parent,
        **as_user,
    )


def stop(
    process: "subprocess.Popen[bytes]", how: signal.Signals = signal.SIGTERM, *, patience: float = 10
) -> None:
    """Ask a child to end, wait, and end it when it does not."""
    if process.poll() is None:
        process.send_signal(how)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port(wanted: int | None = None) -> int:
    """The wanted loopback port when it is free, else any free one."""
    for port in (wanted, 0) if wanted else (0,):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port on the loopback address")


def _group_of(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid
