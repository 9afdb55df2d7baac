"""Drift peers on batches: one number a batch, larger is worse, and the peer's own verdict at its documented defaults.

Usage: drift.py FOLDER PEER... Reads what exchange.ts wrote there: reference rows and batches of equal size (float32, row by row).
A peer that takes seconds a batch is given those that task.json names as few. One JSON line a peer: which batches it judged, its
statistic and its alarm of each, and seconds a batch.
"""

import json
import logging
import os
import sys
import time
import warnings
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

import numpy as np

folder = Path(sys.argv[1])
task = json.loads((folder / "task.json").read_text())
dims, size = task["dims"], task["size"]
reference = np.fromfile(folder / "reference.f32", dtype="<f4").reshape(-1, dims)
batches = np.fromfile(folder / "batches.f32", dtype="<f4").reshape(-1, size, dims)


def alibi(detector, statistic):
    def judge(batch):
        data = detector.predict(batch)["data"]
        return statistic(data), bool(data["is_drift"])

    return judge


def smallest_p(data):
    return -float(np.min(data["p_val"]))


def distance(data):
    return float(data["distance"])


def kolmogorov_smirnov():
    from alibi_detect.cd import KSDrift

    return alibi(KSDrift(reference, p_val=0.05), smallest_p)


def maximum_mean_discrepancy():
    from alibi_detect.cd import MMDDrift

    return alibi(MMDDrift(reference, backend="tensorflow", p_val=0.05), distance)


def classifier():
    from alibi_detect.cd import ClassifierDrift
    from sklearn.linear_model import LogisticRegression

    return alibi(
        ClassifierDrift(reference, LogisticRegression(max_iter=500), backend="sklearn", p_val=0.05),
        lambda data: -float(data["p_val"]),
    )


def evidently(method):
    import pandas as pd
    from evidently.legacy.metrics.data_drift import embedding_drift_methods

    names = [f"f{i}" for i in range(dims)]
    frame = pd.DataFrame(reference, columns=names)
    measure = getattr(embedding_drift_methods, method)()

    def judge(batch):
        score, drifted = measure(pd.DataFrame(batch, columns=names), frame.copy())[:2]
        return float(score), bool(drifted)

    return judge


def river(kind):
    """One number a row, as its detectors take: how far the row lies from the mean of the reference, standardised there."""
    from river import drift

    centre, spread = reference.mean(0), reference.std(0) + 1e-9
    far = lambda rows: np.linalg.norm((rows - centre) / spread, axis=1)
    known = far(reference)

    def judge(batch):
        detector = getattr(drift, kind)()
        for value in (known - known.mean()) / known.std():
            detector.update(float(value))
        alarms = 0
        for value in (far(batch) - known.mean()) / known.std():
            detector.update(float(value))
            alarms += detector.drift_detected
        return float(alarms), alarms > 0

    return judge


peers = {
    "alibi-detect KSDrift": kolmogorov_smirnov,
    "alibi-detect MMDDrift": maximum_mean_discrepancy,
    "alibi-detect ClassifierDrift": classifier,
    "evidently embeddings, model": lambda: evidently("model"),
    "evidently embeddings, mmd": lambda: evidently("mmd"),
    "river ADWIN": lambda: river("ADWIN"),
    "river KSWIN": lambda: river("KSWIN"),
    "river PageHinkley": lambda: river("PageHinkley"),
}

slow = {"alibi-detect MMDDrift"}

for name in sys.argv[2:]:
    judge = peers[name]()
    judged = task["few"] if name in slow else list(range(len(batches)))
    start = time.perf_counter()
    found = [judge(batches[i]) for i in judged]
    seconds = (time.perf_counter() - start) / len(judged)
    statistics, alarms = [score for score, _ in found], [alarm for _, alarm in found]
    answer = {"peer": name, "judged": judged, "statistics": statistics, "alarms": alarms, "seconds": seconds}
    print(json.dumps(answer), flush=True)
