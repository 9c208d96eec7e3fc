"""Makes the shipped fusion weights again."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from matching.engine.encode import ModelUnsound
from matching.engine.evaluate import EvaluationUnsound
from matching.refresh import encoder, to_stderr


class Command(BaseCommand):
    """`train_fusion --data DIR --out FILE`."""

    help = "Learn how far each piece of evidence can be trusted; writes readable JSON, and beside it what trades take."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to learn from, and where to write."""
        parser.add_argument("--data", required=True, type=Path)
        parser.add_argument("--out", required=True, type=Path)
        parser.add_argument(
            "--table", action="store_true",
            help="only make what trades take again, for an encoder that has learned from all of them; FILE stays",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        """Learn with the encoder that is in use; an existing file is replaced only when all is done."""
        from matching.engine import trades
        from matching.engine.train import data, fusion

        out: Path = options["out"]
        try:
            corpus = data.read(options["data"])
            weights = None if options["table"] else fusion.learn(corpus, encoder())
            trades.write(fusion.table(corpus, encoder()), out.with_name(trades.TABLE.name))
            if weights is None:
                return
            part = out.with_name(f"{out.name}.part")
            part.write_text(json.dumps(weights, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
            part.replace(out)
        except (EvaluationUnsound, ModelUnsound, OSError) as error:
            raise CommandError(str(error)) from error
        for relation, found in weights["kinds"].items():
            to_stderr(f"{relation}: {found['pairs']} pairs, area under the curve {found['auc']}")
