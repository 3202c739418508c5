"""The one double-entry ledger of the company: append-only, in integer fen. Corrections are reversals.

It knows accounts and entries, not what they are for: the modules above say that with an entry's kind and source.
"""
