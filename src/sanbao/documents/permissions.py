"""What may be done with regulations and campaigns. Who may do it is in `accounts.roles`."""

from enum import StrEnum


class May(StrEnum):
    SEE = "documents:document:view"
    WRITE = "documents:document:write"
    REVIEW = "documents:document:review"
    APPROVE = "documents:document:approve"
    PUBLISH = "documents:document:publish"
    CAMPAIGNS = "documents:campaign:view"
    RUN = "documents:campaign:run"
    RECORDS = "documents:record:view"
