"""Editions of the rulebooks a company lives by: shipped ones are loaded and pinned, a company's own are derived and adopted.

An edition once stored never changes: what it said on the day it decided something, it says for ever.
"""
