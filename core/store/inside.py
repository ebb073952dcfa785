"""What was measured inside runs, on disk: layers, gradients, what a model sees, pictures."""

import io
import json
import struct
from dataclasses import dataclass

import numpy as np

from core.run.config import EVALUATION_PAIRS
from core.run.layers import Layers, as_text, of_text
from core.store.database import Database

LARGEST = 2_000_000  # bytes of a snapshot, or of all pictures of a run
PER_ROW = 32  # cells in the pictures of a run
PNG_HEADER = 24  # bytes that each PNG begins with; the last 8 are its width and height


@dataclass(frozen=True, slots=True)
class Measurement:
    """The heads' gradients of one lane at one step.

    Attributes:
        seq: Place in the store, rising; a reader goes on after the last one it has.
        step, lane, branch: As of a record.
        loss_weights: In force, in the order of the heads.
        grams: Gram matrices of the unweighted gradients, one a layer of `layers`, (L, H, H).
    """

    seq: int
    step: int
    lane: int
    branch: int
    loss_weights: tuple[float, ...]
    grams: np.ndarray


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a lane's model made of the validation examples when it was last looked at.

    Attributes:
        seq: Another number for each snapshot.
        step, lane, branch: As of a record.
        pair: Index of the example that was picked, such as the pair whose features it has.
        arrays: By name; see `core.analysis.snapshot`, and the view of the problem.
        broke: Of a diverged lane, what broke it, as JSON; else empty.
    """

    seq: int
    step: int
    lane: int
    branch: int
    pair: int
    arrays: dict[str, np.ndarray]
    broke: str


@dataclass(frozen=True, slots=True)
class Cells:
    """Where the images of pairs lie in a PNG: image 1 of pair i is cell 2 i, image 2 the next.

    Cell c holds the pixels from ceil(column * width) to ceil((column + 1) * width), and rows
    likewise, where column is c % per_row, and row c // per_row.

    Attributes:
        per_row: Cells a row.
        height, width: Of a cell, in pixels of the PNG. Whole numbers, but for what was kept
            before each image was scaled down by itself: there, images of odd size take a pixel
            more or less, as it comes.
    """

    per_row: int
    height: float
    width: float


def cells_of(png: bytes, n_pairs: int = EVALUATION_PAIRS) -> Cells:
    """The cells of the pictures of so many pairs, by the size that a PNG says it has."""
    width, height = struct.unpack(">II", png[PNG_HEADER - 8 : PNG_HEADER])
    return Cells(PER_ROW, height / -(-2 * n_pairs // PER_ROW), width / PER_ROW)


class Inside:
    """What is measured while somebody looks; part of a store.

    Args:
        db: The store's file.
    """

    def __init__(self, db: Database):
        self._db = db

    def add_gradients(
        self, run: str, lane: int, branch: int, step: int, weights: tuple, grams: np.ndarray
    ) -> None:
        """Keep a measurement; one of the same lane, branch and step stays."""
        blob = np.asarray(grams, np.float32).tobytes()
        with self._db.writing():
            self._db.execute(
                "INSERT OR IGNORE INTO gradients (run, lane, branch, step, weights, grams) "
                "SELECT ?, ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM runs WHERE id = ?)",
                (run, lane, branch, step, json.dumps(weights), blob, run),
            )

    def gradients(self, run: str, after: int = 0, limit: int = -1) -> list[Measurement]:
        """The measurements of a run after a cursor, in order."""
        with self._db.told("read"):
            rows = self._db.execute(
                "SELECT seq, step, lane, branch, weights, grams FROM gradients "
                "WHERE run = ? AND seq > ? ORDER BY seq LIMIT ?",
                (run, after, limit),
            ).fetchall()
        return [_measurement(row) for row in rows]

    def add_layers(self, run: str, layers: Layers) -> None:
        """Keep of which layers a run's gradients are."""
        with self._db.writing():
            self._db.execute(
                "INSERT OR IGNORE INTO layers SELECT ?, ? "
                "WHERE EXISTS (SELECT 1 FROM runs WHERE id = ?)",
                (run, as_text(layers), run),
            )

    def layers(self, run: str) -> Layers | None:
        """The layers of a run's model, if they are here."""
        with self._db.told("read"):
            row = self._db.execute("SELECT layers FROM layers WHERE run = ?", (run,)).fetchone()
        return of_text(row[0]) if row else None

    def newest_gradients(self, run: str, lane: int) -> Measurement | None:
        """The measurement of a lane that was made last, if there is one."""
        with self._db.told("read"):
            row = self._db.execute(
                "SELECT seq, step, lane, branch, weights, grams FROM gradients "
                "WHERE run = ? AND lane = ? ORDER BY branch DESC, step DESC LIMIT 1",
                (run, lane),
            ).fetchone()
        return _measurement(row) if row else None

    def add_snapshot(
        self,
        run: str,
        lane: int,
        branch: int,
        step: int,
        pair: int,
        arrays: dict[str, np.ndarray],
        broke: str = "",
    ) -> None:
        """Keep what a lane's model makes of the pairs, in place of what it made before.

        Raises:
            ValueError: If it takes more than `LARGEST`.
        """
        file = io.BytesIO()
        np.savez(file, allow_pickle=False, **arrays)
        if file.tell() > LARGEST:
            raise ValueError(f"A snapshot of {file.tell():,} bytes is refused: at most {LARGEST:,}")
        with self._db.writing():
            self._db.execute("DELETE FROM snapshots WHERE run = ? AND lane = ?", (run, lane))
            self._db.execute(
                "INSERT INTO snapshots (run, lane, branch, step, pair, arrays, broke) "
                "SELECT ?, ?, ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM runs WHERE id = ?)",
                (run, lane, branch, step, pair, file.getvalue(), broke, run),
            )

    def note_break(self, run: str, lane: int, broke: str) -> None:
        """Add to the last snapshot of a lane what has broken it since."""
        with self._db.writing():
            query = (
                "UPDATE snapshots SET broke = ?, seq = (SELECT max(seq) + 1 FROM snapshots) "
                "WHERE run = ? AND lane = ? AND broke != ?"
            )
            self._db.execute(query, (broke, run, lane, broke))

    def snapshot_seq(self, run: str, lane: int) -> int | None:
        """The `seq` of a lane's snapshot, if there is one."""
        with self._db.told("read"):
            query = "SELECT seq FROM snapshots WHERE run = ? AND lane = ?"
            row = self._db.execute(query, (run, lane)).fetchone()
        return row[0] if row else None

    def snapshot(self, run: str, lane: int) -> Snapshot | None:
        """What a lane's model made of the pairs when it was last looked at, if it ever was."""
        with self._db.told("read"):
            row = self._db.execute(
                "SELECT seq, step, lane, branch, pair, arrays, broke FROM snapshots "
                "WHERE run = ? AND lane = ?",
                (run, lane),
            ).fetchone()
        if row is None:
            return None
        seq, step, of_lane, branch, of_pair, blob, broke = row
        with np.load(io.BytesIO(blob), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        return Snapshot(seq, step, of_lane, branch, of_pair, arrays, broke)

    def add_pictures(self, run: str, png: bytes) -> None:
        """Keep the images of a run's validation pairs as one PNG."""
        with self._db.writing():
            self._db.execute(
                "INSERT OR IGNORE INTO pictures SELECT ?, ? "
                "WHERE EXISTS (SELECT 1 FROM runs WHERE id = ?)",
                (run, png, run),
            )

    def has_pictures(self, run: str) -> bool:
        """Whether a run's pictures are here."""
        with self._db.told("read"):
            query = "SELECT 1 FROM pictures WHERE run = ?"
            return self._db.execute(query, (run,)).fetchone() is not None

    def pictures(self, run: str) -> bytes | None:
        """The images of a run's validation pairs as a PNG, if they are here."""
        with self._db.told("read"):
            row = self._db.execute("SELECT png FROM pictures WHERE run = ?", (run,)).fetchone()
        return row[0] if row else None

    def cells(self, run: str) -> Cells | None:
        """Where each image is in a run's pictures, if they are here."""
        with self._db.told("read"):
            query = f"SELECT substr(png, 1, {PNG_HEADER}) FROM pictures WHERE run = ?"
            row = self._db.execute(query, (run,)).fetchone()
        return cells_of(row[0]) if row else None


def _measurement(row) -> Measurement:
    seq, step, lane, branch, weights, blob = row
    weights = tuple(json.loads(weights))
    grams = np.frombuffer(blob, np.float32).reshape(-1, len(weights), len(weights))
    return Measurement(seq, step, lane, branch, weights, grams)
