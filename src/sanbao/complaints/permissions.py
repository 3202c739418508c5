"""What may be done with complaints. Who may do it is in `accounts.roles`."""

from enum import StrEnum


class May(StrEnum):
    SEE = "complaints:complaint:view"
    REGISTER = "complaints:complaint:register"
    WORK = "complaints:complaint:work"  # answer, write to the customer, note, report
    ASSIGN = "complaints:complaint:assign"
    VERIFY = "complaints:complaint:verify"
    TELL = "complaints:complaint:tell"  # the desk tells the customer, calls back, archives (PV-3, CS-6)
    UNMASK = "complaints:customer:unmask"
    PROPOSE = "complaints:compensation:propose"
    APPROVE = "complaints:compensation:approve"
    PAY = "complaints:compensation:pay"
    KEEP_CASE = "complaints:case:keep"  # what an authority does
    ANALYSE = "complaints:analysis:view"
