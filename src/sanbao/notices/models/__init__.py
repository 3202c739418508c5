"""The module's rows, a file for each thing with its own life."""

from sanbao.notices.models.incoming import Incoming
from sanbao.notices.models.message import Message
from sanbao.notices.models.notice import Address, Notice, Preference, Wording

__all__ = ["Address", "Incoming", "Message", "Notice", "Preference", "Wording"]
