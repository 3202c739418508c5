"""Pages of callbacks: the caller's day and one callback, planning by hand, promised answers, the overview, scripts."""
