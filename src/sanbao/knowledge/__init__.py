"""What the company knows: articles with likely solutions, flows and phrases, written by one person and reviewed by another.

Everybody at the desk is suggested the ones that fit a customer's words; those marked public can be read by anyone. It knows nothing of
requests: they stand above it and ask.
"""
