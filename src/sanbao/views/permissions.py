"""What may be done with views beside keeping one's own. Who may do it is in `accounts.roles`."""

from enum import StrEnum


class May(StrEnum):
    SHARE = "views:view:share"
