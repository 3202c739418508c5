"""What may be done with surveys. Who may do it is in `accounts.roles`."""

from enum import StrEnum


class May(StrEnum):
    READ = "surveys:result:read"
    SEE = "surveys:answer:view"
    ENTER = "surveys:answer:enter"
    RUN = "surveys:campaign:run"
    PUBLISH = "surveys:result:publish"
