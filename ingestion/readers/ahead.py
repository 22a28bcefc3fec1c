"""Reading ahead: what an iterator gives next is made while the caller still works on what it gave before."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import TypeVar

Item = TypeVar("Item")


class _End:
    """Said once, after the last item: what the iterator raised, if anything."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def ahead(items: Iterator[Item], depth: int = 1) -> Iterator[Item]:
    """The same items in the same order, made in a thread of their own, at most `depth` of them waiting.

    What the iterator raises is raised here. When the caller stops early, so does the thread.
    """
    waiting: queue.Queue[Item | _End] = queue.Queue(depth)
    stopped = threading.Event()
    thread = threading.Thread(target=_work, args=(items, waiting, stopped), name="reading-ahead", daemon=True)
    thread.start()
    try:
        while not isinstance(item := waiting.get(), _End):
            yield item
        if item.error is not None:
            raise item.error
    finally:
        stopped.set()
        thread.join()


def _work(items: Iterator[Item], waiting: queue.Queue[Item | _End], stopped: threading.Event) -> None:
    try:
        for item in items:
            _put(item, waiting, stopped)
            if stopped.is_set():
                return
    except BaseException as error:
        _put(_End(error), waiting, stopped)
    else:
        _put(_End(), waiting, stopped)


def _put(item: Item | _End, waiting: queue.Queue[Item | _End], stopped: threading.Event) -> None:
    while not stopped.is_set():
        try:
            waiting.put(item, timeout=0.1)
        except queue.Full:
            continue
        return
