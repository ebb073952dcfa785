"""A clock that stands still until a test puts it forward."""


class Clock:
    """Stands in for the module `time`.

    Args:
        monkeypatch: Puts it there, and takes it away again.
        *modules: Those that read the time from it, by their full names.
    """

    def __init__(self, monkeypatch, *modules: str):
        self.now = 5000.0
        for module in modules:
            monkeypatch.setattr(f"{module}.time", self)

    def perf_counter(self) -> float:
        return self.now

    thread_time = perf_counter
