"""What a thread does with a run that it holds: begins it, obeys commands, trains, ends it."""

import numpy as np

from core.errors import DataError
from core.problems.siamese.pairs import dataset_of
from core.problems.siamese.settings import SiameseConfig
from core.run.commands import (
    Command,
    Fork,
    MoveLossWeights,
    Pause,
    Resume,
    Rewind,
    SetLive,
    SetLossWeights,
    Step,
    Stop,
)
from core.run.run import Run
from core.run.states import RunState
from core.store import Store
from core.training.programs import Programs
from core.training.session import NEVER, Session
from core.training.turns import InTraining
from core.worker.recorder import Recorder
from core.worker.timetable import Hosted, Timetable


class Turns:
    """Trains the runs of a timetable; whoever calls holds the run.

    Args:
        store: Where the runs are.
        recorder: Writes down what they find.
        programs: The compiled trainings.
        timetable: Forgets the runs that have ended.
        ray_address: Of the Ray cluster that trains weight maps; empty if this process does.
    """

    def __init__(
        self,
        store: Store,
        recorder: Recorder,
        programs: Programs,
        timetable: Timetable,
        ray_address: str = "",
    ):
        self.store, self.recorder = store, recorder
        self.programs, self.timetable, self.ray_address = programs, timetable, ray_address

    def is_prepared(self, run: Run) -> bool:
        """Whether nothing is left to compile for a run."""
        if self._is_for_ray(run):
            return False  # to join the cluster takes its time, too
        return self.programs.is_prepared(run.config)

    def begin(self, hosted: Hosted) -> None:
        """Make the session of a run: from its last checkpoint, or else from its start."""
        run = self.store.run(hosted.run)
        session = self._on_ray(run) if self._is_for_ray(run) else self._here(run)
        if run.state is RunState.PAUSED:
            session.pause()
        hosted.session = session
        hosted.kind = (self.programs.key(run.config), len(run.lanes_now))

    def _is_for_ray(self, run: Run) -> bool:
        """Whether a cluster trains it: its nodes are sent pairs of images, and nothing else."""
        return bool(run.map and self.ray_address and isinstance(run.config, SiameseConfig))

    def _here(self, run: Run) -> Session:
        part = run.parts[run.parts_done]
        program = self.programs.prepared(run.config)
        if program.unfused != run.unfused:
            self.recorder.write(self.store.set_unfused, run.id, program.unfused)
        return Session(
            run,
            part,
            program,
            self.store.last_checkpoint(run.id),
            run.changes,
            self.store.last_recorded(run.id, part.lanes, len(run.branches) - 1),
        )

    def _on_ray(self, run: Run) -> InTraining:
        """Let a cluster train the parts of a map that are not trained yet."""
        from core.worker.cluster import MapOnRay

        missing = [
            part
            for part in run.parts
            if self.store.last_recorded(run.id, part.lanes)[0] < run.config.steps
        ]
        dataset = dataset_of(run.config, self.programs.folder)
        return MapOnRay(run, missing, self.ray_address, dataset)

    def obey(self, hosted: Hosted, command: Command) -> None:
        """Carry out a command."""
        session, run = hosted.session, hosted.run
        assert session, "it has begun"
        match command:
            case SetLossWeights() | MoveLossWeights() | SetLive() | Fork():
                session.change(command)
                if session.paused:  # there may be no turn for long
                    self._make_changes(session)
            case Pause():
                session.pause()
                self.recorder.append(run, session.rest())
                self.recorder.save(session)
                self.recorder.write(self.store.set_state, run, RunState.PAUSED)
            case Resume() | Step():
                session.go_on(command.n if isinstance(command, Step) else NEVER)
                self.recorder.write(self.store.set_state, run, RunState.RUNNING)
            case Rewind():
                if self.rewind(command, session):
                    self.begin(hosted)
            case Stop():
                self._end(hosted, RunState.STOPPED, f"Stopped at step {session.reached}.")

    def rewind(self, command: Rewind, session: InTraining | None = None) -> bool:
        """Go back to a checkpoint; False if that was done before.

        Args:
            command: Where to.
            session: What trains the run, if anything does: it is of no use afterwards.
        """
        run = command.run
        stored = self.store.run(run)
        if command.branch != len(stored.branches):
            return False
        # The one asked for may just have made room for a newer one.
        step = max(step for step in self.store.checkpoints(run) if step <= command.step)
        command = command.model_copy(update={"step": step})
        if session:
            self.recorder.append(run, session.rest())
        at = session.reached if session else stored.step
        self.recorder.write(self.store.rewind, run, at, command)
        return True

    def give(self, hosted: Hosted, seconds: float) -> None:
        """Train a run for about so long, and write down what that gives."""
        session, run = hosted.session, hosted.run
        assert session, "it has begun"
        self._make_changes(session)
        if session.is_done:
            self._end_part(hosted)
            return
        if session.step == 0:
            self.recorder.write(self.store.set_state, run, RunState.RUNNING)
        self.recorder.append(run, session.turn(seconds))
        self.recorder.save_if_due(session, len(self.timetable.runs))
        if session.is_done or (session.diverged_at < NEVER).all():
            self._end_part(hosted)
        elif session.budget <= 0:
            self.obey(hosted, Pause(run=run))

    def _make_changes(self, session: InTraining) -> None:
        if not session.has_changes_due():
            return
        self.recorder.append(session.run, session.rest())
        for change in session.changes_due():
            self.recorder.write(
                self.store.add_change, session.run, change.step, change.command, session.config
            )

    def _end_part(self, hosted: Hosted) -> None:
        """All is trained, or all has diverged: go on with the next part of a map, or end."""
        session, run = hosted.session, self.store.run(hosted.run)
        assert session, "it has begun"
        if run.map:
            self.recorder.append(run.id, session.rest())
            self.recorder.settle(run.id)
            self.recorder.write(self.store.finish_parts, run.id, session.n_parts)
            if run.parts_done + session.n_parts < len(run.parts):
                self.begin(hosted)
                return
            lost = run.map.n_lanes - self.store.n_lanes_at(run.id, run.config.steps)
            n_lanes, where = run.map.n_lanes, f"in {lost} of {run.map.n_lanes} lanes"
        else:
            diverged = np.flatnonzero(session.diverged_at < NEVER)
            n_lanes, lost = len(session.diverged_at), len(diverged)
            where = ", ".join(
                f"{f'lane {lane + 1} ' if n_lanes > 1 else ''}at step {session.diverged_at[lane]}"
                for lane in diverged
            )
        state = RunState.DIVERGED if lost == n_lanes else RunState.FINISHED
        advice = (
            f"The loss stopped being a finite number ({where}). Try a smaller learning rate "
            f"(it was {session.config.learning_rate:g}) or smaller loss weights."
        )
        if (session.diverged_at == 0).all():
            advice = (
                "The loss was no finite number before the first update, so no setting is to blame: "
                "look for a label that the loss does not know, or for what the model makes of "
                "numbers as large or small as those of the data."
            )
        self._end(hosted, state, advice if lost else "")

    def _end(self, hosted: Hosted, state: RunState, message: str) -> None:
        session = hosted.session
        assert session, "it has begun"
        self.recorder.complete(session)
        self.timetable.remove(hosted)
        session.close()
        self.recorder.write(self.store.set_state, hosted.run, state, message)

    def fail(self, run: str, error: Exception) -> None:
        """End a run with which something went wrong; it is held, or not there at all."""
        self.recorder.settle(run)
        if hosted := self.timetable.find(run):
            self.timetable.remove(hosted)
            if hosted.session:
                hosted.session.close()
        message = f"Training failed: {type(error).__name__}: {error}"[:500]
        message = str(error) if isinstance(error, DataError) else message  # in sentences
        self.recorder.write(self.store.set_state, run, RunState.FAILED, message)

    def close(self, hosted: Hosted, message: str) -> None:
        """End a run since the process ends; nobody holds it any more.

        Args:
            hosted: The run.
            message: Why, with `step` to be filled in.
        """
        session = hosted.session
        if session:
            self.recorder.complete(session)
            session.close()
        reached = session.reached if session else self.store.run(hosted.run).step
        message = message.format(step=reached)
        self.recorder.write(self.store.set_state, hosted.run, RunState.STOPPED, message)
