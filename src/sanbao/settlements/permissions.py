"""What may be done in settlements. Who may do it is in `accounts.roles`."""

from enum import StrEnum


class May(StrEnum):
    SEE_SHEETS = "settlements:sheet:view"
    HAND_IN = "settlements:sheet:hand-in"
    UNMASK = "settlements:customer:unmask"
    REGISTER_RECEIPT = "settlements:receipt:register"
    SEE_FINDINGS = "settlements:finding:view"
    REGISTER_FINDING = "settlements:finding:register"
    CONFIRM_FINDING = "settlements:finding:confirm"
    ANSWER_FINDING = "settlements:finding:answer"
    DECIDE_APPEAL = "settlements:finding:decide"
    ADMIT_LATE = "settlements:finding:admit-late"
    SEE_HINTS = "settlements:hint:view"
    CHECK_HINT = "settlements:hint:check"
    SEE_STATEMENTS = "settlements:statement:view"
    MAKE = "settlements:statement:make"
    SUBMIT = "settlements:statement:submit"
    CHECK = "settlements:statement:check"
    APPROVE = "settlements:statement:approve"
    PAY = "settlements:statement:pay"
    REVERSE = "settlements:statement:reverse"
    ANSWER = "settlements:answer:give"
    REPLY = "settlements:answer:reply"
