"""The training process, `python -m core.worker STORE [RAY]`: commands in, records to the store.

Standard output carries notices only: that it is ready, and whether the store can be written. It
ends when its standard input closes.
"""

import json
import os
import queue
import shutil
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

from core.errors import StoreError
from core.problems import own
from core.run.config import RunConfig
from core.store import Store
from core.training import cores
from core.training.compiled_files import CompiledFiles
from core.worker.worker import Worker

NICE = 5
SWITCH_EVERY = 0.001  # s
CLOSE_WITHIN = 5.0  # s, after which the process ends whatever it is doing


def main() -> None:
    """Warm up, unless there is work already, and work until standard input closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if scratch := os.environ.get("EXPLORER_SCRATCH"):  # our parent may be killed: remove it as well
        tempfile.tempdir = scratch
    notices = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    lines, closing = queue.SimpleQueue(), threading.Event()

    def read() -> None:
        for line in sys.stdin.buffer:
            lines.put(line)
        lines.put(None)
        closing.set()
        time.sleep(CLOSE_WITHIN)
        os._exit(1)

    telling = threading.Lock()

    def tell(notice: dict) -> None:
        with telling:
            print(json.dumps(notice), file=notices)

    threading.Thread(target=read, daemon=True).start()
    # Threads that compile are busy in Python: whoever waits for the interpreter gets it sooner.
    sys.setswitchinterval(SWITCH_EVERY)
    exit_code = 0
    # A browser on this computer, and the server, are served first: they take little, and a page
    # that stutters is no good view of a training. Where cores are free, it makes no difference.
    if hasattr(os, "nice"):
        os.nice(NICE)
    try:
        work(lines, tell, closing)
    except StoreError as error:
        print(f"The training process ends. {error}", file=sys.stderr, flush=True)
        exit_code = 1
    if scratch:
        shutil.rmtree(scratch, ignore_errors=True)
    # A thread may be compiling, and Python would end it in the midst of TensorFlow's own code.
    os._exit(exit_code)


def work(lines: queue.SimpleQueue, tell, closing: threading.Event) -> None:
    """Carry out lines of commands until they end.

    Raises:
        StoreError: If the store cannot be opened, or not be written at the end.
    """
    compiled, scratch = (os.environ.get(f"EXPLORER_{name}") for name in ("COMPILED", "SCRATCH"))
    files = CompiledFiles(Path(compiled), Path(scratch, "xla")) if compiled and scratch else None
    cores.divide()
    own.add_from_environment()
    worker = Worker(Store(sys.argv[1]), lines, tell, closing, *sys.argv[2:], files=files)
    config = RunConfig()
    if lines.empty() and not closing.is_set():  # what waits to be taken up has its own program
        worker.programs.prepared(config)
    worker.tell({"ready": True, "fault": ""})
    worker.work()
    worker.recorder.rescue()


if __name__ == "__main__":
    main()
