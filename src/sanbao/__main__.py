"""`python -m sanbao COMMAND`: Django's management commands with Sanbao's settings."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sanbao.site.settings")
    execute_from_command_line(["sanbao", *sys.argv[1:]])


if __name__ == "__main__":
    main()
