"""Where the world comes in and calls go out: what every request is checked for before anybody looks at it, and every outbound call.

It knows nothing of companies, people or pages: those stand above it.
"""
