#!/usr/bin/env python
"""Run a command of the project: `python manage.py help` lists them."""

import os
import sys


def main() -> None:
    """Hand the arguments over to Django."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    if any("\udc80" <= character <= "\udcff" for word in sys.argv for character in word):
        sys.exit("An argument is not UTF-8 and cannot be looked up. Type it again.")

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
