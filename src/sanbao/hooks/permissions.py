"""What may be done with calls to other systems. Who may do it is in `accounts.roles`."""

from enum import StrEnum


class May(StrEnum):
    SEE = "hooks:subscription:view"
    KEEP = "hooks:subscription:keep"
    UNMASK = "hooks:subscription:unmask"
