"""Makes the shipped encoder difference and the table of words again."""

import json
from argparse import ArgumentParser
from pathlib import Path
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from matching.engine.encode import PACKAGED_SHA256, ModelUnsound, packaged_folder
from matching.engine.evaluate import EvaluationUnsound
from matching.refresh import to_stderr


class Command(BaseCommand):
    """`train_encoder --data DIR --out DIR`."""

    help = "Fit the packaged model to skills and trades; writes words.json and encoder.npz."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to learn from, and where to write."""
        parser.add_argument("--data", required=True, type=Path)
        parser.add_argument("--out", required=True, type=Path)
        parser.add_argument(
            "--whole", action="store_true",
            help="keep no trades back: for what ships, after the fusion was learned with an encoder that kept some",
        )  # fmt: skip
        parser.add_argument(
            "--steps", type=int, default=None, help="one run of so many batches instead of the shipped recipe"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Learn the words, then the encoder; each file is replaced only when it is whole."""
        from matching.engine.train import data, encoder, wording

        steps = options["steps"]
        if steps is not None and steps < 1:
            raise CommandError(f"--steps {steps} trains nothing: give at least 1.")
        recipe = encoder.Recipe() if steps is None else encoder.Recipe(runs=((steps, 1.0),))
        out: Path = options["out"]
        began = perf_counter()
        try:
            corpus = data.read(options["data"])
            out.mkdir(parents=True, exist_ok=True)
            table = wording.learn(corpus)
            wording.write(table, out / "words.json")
            to_stderr(f"{len(table['idf'])} words weighed, {len(table['meanings'])} foreign words understood")
            learned = corpus if options["whole"] else data.split(corpus)[0]
            difference, losses = encoder.train(packaged_folder(), learned, recipe, to_stderr)
            about = encoder.provenance(recipe, PACKAGED_SHA256, learned, losses, (perf_counter() - began) / 60)
            encoder.write(encoder.shrink(difference, recipe), about, out / "encoder.npz")
        except (EvaluationUnsound, ModelUnsound, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(about))
