"""What may be done with requests. Who may do it is in `accounts.roles`."""

from enum import StrEnum


class May(StrEnum):
    SEE = "intake:request:view"
    REGISTER = "intake:request:register"
    WORK = "intake:request:work"
    ASSIGN = "intake:request:assign"
    CANCEL = "intake:request:cancel"
    MERGE = "intake:request:merge"
    UNMASK = "intake:customer:unmask"
    SEE_FORCE = "intake:force:view"
    WORK_FORCE = "intake:force:work"
    LEAD_FORCE = "intake:force:lead"
    SEE_DESK = "intake:desk:view"
    MANAGE = "intake:desk:manage"
    OWN_TIME = "intake:time:own"
    SEE_TIMES = "intake:time:view"
    KEEP_TIMES = "intake:time:keep"
