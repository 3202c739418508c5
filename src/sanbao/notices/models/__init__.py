"""The module's rows, a file for each thing with its own life."""

from sanbao.notices.models.incoming import Incoming
from sanbao.notices.models.message import Message

__all__ = ["Incoming", "Message"]
