"""The training process, `python -m core.worker STORE [RAY]`: commands in, records to the store.

Standard output carries notices only: that it is ready, and whether the store can be written. It
ends when its standard input closes.
"""

import json
import os
import queue
import signal
import sys
import threading
import time

import tensorflow as tf

from core.run.config import RunConfig
from core.store import Store
from core.worker.worker import Worker

CLOSE_WITHIN = 5.0  # s, after which the process ends whatever it is doing


def main() -> None:
    """Warm up for the default settings, then work until standard input closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
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

    def tell(notice: dict) -> None:
        print(json.dumps(notice), file=notices)

    threading.Thread(target=read, daemon=True).start()
    worker = Worker(Store(sys.argv[1]), lines, tell, closing, *sys.argv[2:])
    config = RunConfig()
    # Operations this small gain nothing from threads of their own (measured: 1.4x slower); lanes
    # are what is spread over the cores.
    tf.config.threading.set_intra_op_parallelism_threads(1)
    if not closing.is_set():
        worker.programs.prepared(config, n_lanes=1)
    worker.tell({"ready": True, "fault": ""})
    worker.work()


if __name__ == "__main__":
    main()
