"""The controlled forms of a work order on paper (RW-8): dispatch order, repair agreement, service record, quotation, receipt,
training record, refusal and declaration, each filled in or blank for handwriting.

Pure, as settlements' forms are: the caller fills the dataclasses; no query, no clock, no settings. All amounts are fen.
"""
