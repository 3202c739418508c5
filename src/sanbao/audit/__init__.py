"""The event log: who did what to which thing, when, and from where. Append-only; a trigger refuses anything else."""
