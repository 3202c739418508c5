"""The site: settings, URLs and wiring. No models, no logic: whoever looks for a rule has gone one floor too high."""
