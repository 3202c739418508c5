"""The tables of complaints, one file for each thing with a life of its own."""

from sanbao.complaints.models.cases import Case
from sanbao.complaints.models.clocks import Clock, Escalation
from sanbao.complaints.models.complaints import Complaint, Entry, OfComplaint
from sanbao.complaints.models.money import Compensation
from sanbao.complaints.models.reports import Report

__all__ = ["Case", "Clock", "Compensation", "Complaint", "Entry", "Escalation", "OfComplaint", "Report"]
