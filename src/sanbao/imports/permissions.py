"""What may be done with files of many rows. Who may do it is in `accounts.roles`; each kind of rows asks for its own right besides."""

from enum import StrEnum


class May(StrEnum):
    TAKE_OVER = "imports:file:take-over"
