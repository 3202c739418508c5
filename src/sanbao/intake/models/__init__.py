"""The tables of the service desk, one file for each thing with a life of its own."""

from sanbao.intake.models.desk import Absence, Category, Duty, Member, Pledge, Rule, Tag, Team
from sanbao.intake.models.entries import Entry
from sanbao.intake.models.forces import Force, Report
from sanbao.intake.models.mailboxes import Mailbox
from sanbao.intake.models.promises import Escalation, Promise
from sanbao.intake.models.requests import Merge, Reader, Request, Tally
from sanbao.intake.models.service_accounts import ServiceAccount
from sanbao.intake.models.summaries import Summary
from sanbao.intake.models.tasks import Task
from sanbao.intake.models.times import WorkTime

__all__ = [
    "Absence", "Category", "Duty", "Entry", "Escalation", "Force", "Mailbox", "Member", "Merge", "Pledge", "Promise", "Reader", "Report", "Request", "Rule", "ServiceAccount", "Summary", "Tag", "Tally", "Task",
    "Team", "WorkTime",
]  # fmt: skip
