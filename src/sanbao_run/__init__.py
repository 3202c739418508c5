"""The launcher: sets Sanbao up, keeps its database server and its processes. Standard library only.

`./dev` hands over to `python -m sanbao_run COMMAND`. The application asks this package one thing only:
where its database is (`database_settings`). It is not about rules, pages or business data.
"""

from sanbao_run.database import database_settings, database_url

__all__ = ["database_settings", "database_url"]
