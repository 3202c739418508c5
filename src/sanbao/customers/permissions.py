"""What may be done with customers. Who may do it is in `accounts.roles`."""

from enum import StrEnum


class May(StrEnum):
    SEE = "customers:customer:view"
    KEEP = "customers:customer:keep"
    MERGE = "customers:customer:merge"
    UNMASK = "customers:customer:unmask"
