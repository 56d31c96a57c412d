"""Where a job stands: what the job (jobs.py) counts, and what is shown of it (progress.py) and said at its end."""

from __future__ import annotations

from dataclasses import dataclass, field

from classifier.tally import Tally


@dataclass(slots=True)
class Progress:
    """Where a job stands, for whoever shows it.

    Attributes:
        rows: Records done, those of earlier runs included.
        position_bytes: Where in the input the last of them ends, counted as `meter.Meter` does; 0 if nobody counts.
        resumed: Records that earlier runs had done.
        tally: Counts by topic, error and so on.
        duplicates: Records whose text had been scored before.
        near_duplicates: Records whose text is nearly, or exactly, that of an earlier one; 0 if nobody looked.
        checkpoint_time_s: Time that this run spent on checkpoints.
    """

    rows: int = 0
    position_bytes: int = 0
    resumed: int = 0
    duplicates: int = 0
    near_duplicates: int = 0
    checkpoint_time_s: float = 0.0
    tally: Tally = field(default_factory=Tally)
