"""What may be done with messages. Who may do it is in `accounts.roles`."""

from enum import StrEnum


class May(StrEnum):
    SEE = "notices:message:view"
    RETRY = "notices:message:retry"
    UNMASK = "notices:message:unmask"
    WORD = "notices:wording:keep"
