"""The module's rows, a file for each thing with its own life."""

from sanbao.notices.models.message import Message

__all__ = ["Message"]
