"""What may be done with back-tests. Who may do it is in `accounts.roles`."""

from enum import StrEnum


class May(StrEnum):
    SEE = "backtests:backtest:view"
    MAKE = "backtests:backtest:make"
