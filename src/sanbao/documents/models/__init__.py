"""Documents with their versions and clauses; campaigns with their readings."""

from sanbao.documents.models.campaigns import Campaign, Question, Reading, Try
from sanbao.documents.models.documents import Attachment, Clause, Document, Kind, Repeal, Version

__all__ = [
    "Attachment",
    "Campaign",
    "Clause",
    "Document",
    "Kind",
    "Question",
    "Reading",
    "Repeal",
    "Try",
    "Version",
]
