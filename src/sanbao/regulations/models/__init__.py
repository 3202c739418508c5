"""Editions and their adoption; drafts with changes and examples; proposals."""

from sanbao.regulations.models.drafts import Change, Draft, Example
from sanbao.regulations.models.editions import Adoption, Coming, CompanyWide, Edition
from sanbao.regulations.models.proposals import Proposal

__all__ = ["Adoption", "Change", "Coming", "CompanyWide", "Draft", "Edition", "Example", "Proposal"]
