"""Runs in the virtual environment of the `matching` library: one hospital-resident game, timed. Knows nothing else."""

import json
import statistics
import sys
import threading
from time import process_time

import numpy as np


def main() -> None:
    """Read the task, solve it a few times, print pairs and the median CPU time."""
    from matching.games import HospitalResident

    with np.load(sys.argv[1]) as task:
        scores, back, places = task["scores"], task["back"], task["places"]
    both = (scores > 0) & (back > 0)
    residents = {
        row: [int(c) for c in np.argsort(-scores[row], kind="stable") if both[row, c]] for row in range(len(scores))
    }
    hospitals = {c: [int(r) for r in np.argsort(-back[:, c], kind="stable") if both[r, c]] for c in range(len(places))}
    residents = {row: liked for row, liked in residents.items() if liked}
    hospitals = {c: liked for c, liked in hospitals.items() if liked}
    capacities = {c: int(places[c]) for c in hospitals}
    times, found = [], {}
    for _again in range(int(sys.argv[2])):
        began = process_time()
        game = HospitalResident.create_from_dictionaries(residents, hospitals, capacities)
        found = game.solve(optimal="resident")
        times.append((process_time() - began) * 1000)
    pairs = sorted([int(resident.name), int(hospital.name)] for hospital, kept in found.items() for resident in kept)
    print(json.dumps({"ms": statistics.median(times), "pairs": pairs}))


# The library walks linked players by recursion: more than the usual depth is needed from some 2,000 people.
sys.setrecursionlimit(1_000_000)
threading.stack_size(512 * 1024 * 1024)
worker = threading.Thread(target=main)
worker.start()
worker.join()
