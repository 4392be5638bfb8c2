"""A second process beside the loading, so that two cores work: it does pieces of work that it is told."""

import asyncio
import gc
import multiprocessing
import traceback
from collections.abc import Awaitable, Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from setori import processes
from setori.db import Sessions, make_sessions

G = ParamSpec("G")
R = TypeVar("R")


class HelperFailed(Exception):
    """The second process of the loading ended badly; the message carries what it said."""


class Helper:
    """The second process, with a pool of its own. It ends with the `with` block, and with the first process."""

    def __init__(self, url: str) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._pipe, theirs = spawn.Pipe()
        self._process = spawn.Process(target=_help, args=(url, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pipe.close()  # it ends by itself when nobody speaks to it any more
        self._process.join(5)
        if self._process.is_alive():
            self._process.kill()

    async def do(
        self, work: Callable[Concatenate[Sessions, G], Awaitable[R]], *given: G.args, **named: G.kwargs
    ) -> R:
        """Have it do one piece of work, a function of a module, and give what came of it. One at a time."""
        self._pipe.send((work, given, named))
        try:
            result, failure = await asyncio.to_thread(self._pipe.recv)
        except (EOFError, OSError):
            result, failure = None, "it ended without a word"
        if failure:
            raise HelperFailed(failure)
        return result  # type: ignore[no-any-return]


def _help(url: str, pipe: Connection) -> None:
    """The second process: ends when the first one does."""
    with suppress(EOFError, OSError, KeyboardInterrupt):
        processes.run(_work(url, pipe))


async def _work(url: str, pipe: Connection) -> None:
    gc.freeze()
    gc.disable()  # it lives for half a minute
    engine, sessions = make_sessions(url, is_loading=True)
    try:
        while True:
            work, given, named = await asyncio.to_thread(pipe.recv)
            answer: tuple[Any, str]
            try:
                answer = await work(sessions, *given, **named), ""
            except Exception:
                answer = None, traceback.format_exc()
            pipe.send(answer)
    finally:
        await engine.dispose()
