"""Ranks an evaluation folder through the path that production uses."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from matching.engine import evaluate
from matching.engine.encode import ModelUnsound
from matching.refresh import encoder, to_stderr


class Command(BaseCommand):
    """`rank_eval --data DIR --run OUT.jsonl [--task NAME …]`."""

    help = "Rank every candidate of every query of an evaluation folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to rank, and where to write it."""
        parser.add_argument("--data", required=True, type=Path)
        parser.add_argument("--run", required=True, type=Path, dest="out")
        parser.add_argument("--task", action="extend", nargs="+", default=[], metavar="NAME")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write one line a query; an existing file is replaced only when all is done."""
        out: Path = options["out"]
        part = out.with_name(f"{out.name}.part")
        lines = 0
        try:
            with part.open("w", encoding="utf-8") as file:
                for row in evaluate.rank_folder(options["data"], encoder(), tasks=options["task"]):
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")
                    lines += 1
            part.replace(out)
        except (evaluate.EvaluationUnsound, ModelUnsound, OSError) as error:
            part.unlink(missing_ok=True)
            raise CommandError(str(error)) from error
        to_stderr(f"{lines} queries ranked into {out}")
