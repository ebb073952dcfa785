"""Asks the training process for what somebody looks at: it is measured, or made ready."""

import hashlib
import time

from core.engine.process import WorkerProcess
from core.run.commands import Command, Follow, Prepare, Preview, Watch
from core.run.config import RunConfig

KEPT = 100  # answers
FOLLOW_EVERY = 2.0  # s
AGAIN_AFTER = 3.0  # s until what could not be told is asked for again
ASKED = "The gradients at the start of such a run are being measured."


class Inside:
    """What an engine knows of the insides of runs, and what is looked at.

    Args:
        worker: The training process.
    """

    def __init__(self, worker: WorkerProcess):
        self._worker = worker
        self._asked: dict[str, float] = {}
        self._followed: dict[str, float] = {}

    def follow(self, run: str) -> None:
        """Let a run go before those that nobody looks at, for the next five seconds."""
        now = time.monotonic()
        if now - self._followed.get(run, -FOLLOW_EVERY) >= FOLLOW_EVERY:
            recent = {one: at for one, at in self._followed.items() if now - at < FOLLOW_EVERY}
            self._followed = {**recent, run: now}
            self._write(Follow(run=run))

    def watch(self, run: str, lane: int = 0, pair: int = 0) -> None:
        """Have a lane measured for the next five seconds; what is found is in `Store.inside`.

        Args:
            run: A run that is no weight map; one that has ended is measured from what is kept.
            lane: Index of the lane.
            pair: Index of the validation example that is picked.
        """
        self._write(Watch(run=run, lane=lane, pair=pair))

    def problem(self, run: str) -> str:
        """Why a run cannot be measured, in words; empty if nothing is known to stand against it."""
        return self._worker.answers.get(f"inside {run}", {}).get("told", "")

    def preview(self, config: RunConfig) -> tuple[list[list[float]] | None, str, bool]:
        """The Gram matrix of the heads' gradients on what they share, at the start of a run.

        Asks for it and returns at once: call it again for the answer.

        Returns:
            The matrix, shape (H, H), and ""; or None and the reason, in a sentence. And whether
            that is the answer, for good.
        """
        live = {"steps", "steps_per_second", "record_every", "eval_every", "learning_rate"}
        settings = config.model_dump_json(exclude={*live, "momentum"})
        key = "start " + hashlib.sha256(settings.encode()).hexdigest()[:16]
        answers = self._worker.answers
        answer = answers.get(key)
        if answer and answer["is_final"]:
            return answer["gram"], answer["told"], True
        now = time.monotonic()
        if now - self._asked.get(key, -AGAIN_AFTER) >= AGAIN_AFTER:
            for old in [name for name in list(answers) if name.startswith("start ")][:-KEPT]:
                answers.pop(old, None)
            self._asked = {name: at for name, at in self._asked.items() if now - at < AGAIN_AFTER}
            self._asked[key] = now
            self._write(Preview(run=key, config=config))
        return None, answer["told"] if answer else ASKED, False

    def prepare(self, config: RunConfig) -> None:
        """Have compiled what such a run would need: it is on a page, and may be trained next.

        Returns at once. Nothing is compiled while anything trains.
        """
        self._write(Prepare(run="", config=config))

    def _write(self, command: Command) -> None:
        if self._worker.ready.is_set():
            self._worker.write(command.model_dump_json().encode())
