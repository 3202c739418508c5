"""What may be done with the knowledge base. Who may do it is in `accounts.roles`."""

from enum import StrEnum


class May(StrEnum):
    SEE = "knowledge:article:view"
    WRITE = "knowledge:article:write"
    REVIEW = "knowledge:article:review"
    PUBLISH = "knowledge:article:publish"
    PHRASES = "knowledge:phrase:keep"
