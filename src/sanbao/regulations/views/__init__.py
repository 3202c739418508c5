"""Pages of the rulebooks: to read, to draft, the year's holidays, proposals."""
