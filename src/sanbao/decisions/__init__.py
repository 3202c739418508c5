"""Every decision the rules make, written down once with its facts and editions, never changed, replayable for ever."""
