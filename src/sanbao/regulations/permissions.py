"""What may be done with the rulebooks. Who may do it is in `accounts.roles`."""

from enum import StrEnum


class May(StrEnum):
    SEE = "regulations:book:view"
    ADOPT = "regulations:edition:adopt"
    DRAFT = "regulations:draft:make"
    REVIEW = "regulations:draft:review"
    PUBLISH = "regulations:draft:publish"
    PROPOSE = "regulations:proposal:make"
    DECIDE = "regulations:proposal:decide"
