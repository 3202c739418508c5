"""What may be done with work orders. Who may do it is in `accounts.roles`."""

from enum import StrEnum


class May(StrEnum):
    SEE = "workorders:order:view"
    MAKE = "workorders:order:make"
    DISPATCH = "workorders:order:dispatch"
    OVERRIDE = "workorders:order:override"
    WORK = "workorders:order:work"
    OWN = "workorders:own:work"  # the engineer's own jobs, and nobody else's
    SKIP = "workorders:order:skip"
    GOODWILL = "workorders:goodwill:approve"  # free beyond the warranty (ST-7, A-32)
    CHECK = "workorders:order:check"
    CANCEL = "workorders:order:cancel"
    UNMASK = "workorders:customer:unmask"
    SEE_SETUP = "workorders:setup:view"
    MANAGE = "workorders:setup:manage"
