"""What may be done with callbacks. Who may do it is in `accounts.roles`."""

from enum import StrEnum


class May(StrEnum):
    SEE = "callbacks:callback:view"
    CALL = "callbacks:callback:call"
    PLAN = "callbacks:callback:plan"
    LEAD = "callbacks:callback:lead"
    UNMASK = "callbacks:customer:unmask"
    SCRIPTS = "callbacks:script:keep"
