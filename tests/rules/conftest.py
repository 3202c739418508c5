"""Properties are tried without a clock, so that a busy machine fails no test, and leave no folder behind."""

from hypothesis import settings

settings.register_profile("sanbao", deadline=None, database=None)
settings.load_profile("sanbao")
