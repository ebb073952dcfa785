"""Where a run is in its life."""

from enum import StrEnum


class RunState(StrEnum):
    """Where a run is in its life."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    STOPPED = "stopped"
    DIVERGED = "diverged"
    FAILED = "failed"

    @property
    def is_finished(self) -> bool:
        """Whether nothing will change any more."""
        return self not in (RunState.QUEUED, RunState.RUNNING, RunState.PAUSED)

    @property
    def is_moving(self) -> bool:
        """Whether steps are to be expected at any moment."""
        return self in (RunState.QUEUED, RunState.RUNNING)

    @property
    def is_grave(self) -> bool:
        """Whether it ended as nobody wanted."""
        return self in (RunState.DIVERGED, RunState.FAILED)
