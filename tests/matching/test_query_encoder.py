"""A typed question is read in a web process: without torch, and in little memory."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import connection

from community.members.models import Member
from home.tree import plant
from matching import language
from matching.engine.encode import Encoder, ModelUnsound
from tests.matching.ready import models
from tests.proportions import ROOT

HEAVY = ("torch", "sklearn", "scipy", "transformers", "sentence_transformers", "numba", "openvino", "onnx")

VISIT = """
import json, sys, time
from config.wsgi import application
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from matching.language import query_encoder

def megabytes():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmRSS"))

browser = Client(raise_request_exception=False, HTTP_HOST="localhost")
browser.force_login(get_user_model().objects.get())
names = ["people", "matches", "stories", "gatherings", "openings", "me", "notices", "accounts/login"]
paths = ["/", "/healthz", *[f"/{name}/" for name in names]]
codes = [browser.get(path).status_code for path in paths * 2]
before = megabytes()
vector = query_encoder().encode(["who can show me how to graft an old apple tree?"])
began = time.perf_counter()
for word in "abcdefgh":
    query_encoder().encode([f"who can show me how to graft an old apple tree {word}?"])
took = (time.perf_counter() - began) / 8
heavy = sorted({name.partition(".")[0] for name in sys.modules} & set(sys.argv[1:]))
print(json.dumps({"codes": codes, "heavy": heavy, "vector": vector[0].tolist(), "ms": took * 1000,
                  "MB": [before, megabytes()]}))
"""


@pytest.mark.model
@pytest.mark.sqlite_only
@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux how much memory is held")
def test_it_reads_a_question_without_torch(tmp_path: Path, member: Member) -> None:
    plant()
    (tmp_path / "models").symlink_to(models())
    copy = tmp_path / "site.sqlite3"
    # not Connection.backup(): that one would wait for the end of our own transaction, for ever
    copy.write_bytes(connection.connection.serialize())
    done = subprocess.run(
        [sys.executable, "-c", VISIT, *HEAVY],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": f"sqlite:///{copy}", "VAR_DIR": str(tmp_path), "DEBUG": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    said = json.loads(done.stdout.splitlines()[-1])
    print(f"{said['MB'][0]} MB after 20 requests, {said['MB'][1]} MB with the model, {said['ms']:.0f} ms a question")
    assert said["heavy"] == []
    assert set(said["codes"]) <= {200, 302}
    worker = Encoder(models=models()).encode(["who can show me how to graft an old apple tree?"])
    assert float(np.dot(said["vector"], worker[0])) > 0.999


@pytest.fixture
def fresh(settings: Any, tmp_path: Path) -> Path:
    """A site where nothing is made ready."""
    settings.VAR_DIR = tmp_path
    for cached in (language.encoder, language.query_encoder):
        cached.cache_clear()
    yield tmp_path
    for cached in (language.encoder, language.query_encoder):
        cached.cache_clear()


def test_a_question_makes_nothing_ready(fresh: Path) -> None:
    with pytest.raises(ModelUnsound, match="run `python manage.py prepare`"):
        language.query_encoder().encode(["bees"])
    assert language.ready() is None
    assert list(fresh.iterdir()) == []


def test_worker_and_web_process_name_the_same_model(fresh: Path) -> None:
    assert language.encoder().name == language.query_encoder().name
    assert language.models() == fresh / "models"
