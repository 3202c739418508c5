"""Improvement measures: what was found wrong, why, what is done about it by whom and by when, and whether it helped.

Anybody on a post may propose one; modules above open one from what they found and give its address. It knows none of them.
"""
