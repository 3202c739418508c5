"""Calls to other systems (webhooks): who subscribed to which events, what waits for them, and carrying it there signed, in order, at least once.

Modules above register the kinds of their events (kinds.py) in a file of their own, `announced.py`; what the event log records of them is
announced from here. What comes in from other systems is no business of this module: see notices.inbox.
"""
