"""What may be done with improvement measures. Who may do it is in `accounts.roles`."""

from enum import StrEnum


class May(StrEnum):
    SEE = "improvements:measure:view"
    WORK = "improvements:measure:work"
    OPEN = "improvements:measure:open"
    REVIEW = "improvements:measure:review"
