"""Scores of the peers for the records of one stream: larger is worse.

Usage: rank.py FOLDER. Reads what exchange.ts wrote there: trusted and streamed vectors (float32, row by row) and labels (int32).
Writes <peer>.f64, one score a record, and where a peer decides by itself <peer>.u8, 1 for what it flags. One JSON line a peer.
"""

import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.neighbors import LocalOutlierFactor, NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

warnings.filterwarnings("ignore")
folder = Path(sys.argv[1])
task = json.loads((folder / "task.json").read_text())
dims, seed = task["dims"], task["seed"]


def matrix(name):
    return np.fromfile(folder / f"{name}.f32", dtype="<f4").reshape(-1, dims).astype(np.float64)


def labels(name):
    return np.fromfile(folder / f"{name}-labels.i32", dtype="<i4")


trusted, trusted_labels = matrix("trusted"), labels("trusted")
stream, given = matrix("stream"), labels("stream")


def probe():
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000, C=0.1))


def cleanlab(probabilities):
    """Its recommended ranking (self-confidence) and its default filter (prune by noise rate)."""
    flagged = find_label_issues(given, probabilities)
    return -get_label_quality_scores(given, probabilities), flagged


def with_trusted():
    return cleanlab(probe().fit(trusted, trusted_labels).predict_proba(stream))


def without_trusted():
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    return cleanlab(cross_val_predict(probe(), stream, given, cv=folds, method="predict_proba"))


def unit(x):
    return x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12)


def neighbours():
    index = NearestNeighbors(n_neighbors=20, metric="cosine", algorithm="brute").fit(unit(trusted))
    _, nearest = index.kneighbors(unit(stream))
    return (trusted_labels[nearest] != given[:, None]).mean(1), None


def spectral():
    """Tran, Li & Madry 2018: by label, the squared projection on the top singular vector of the centred vectors."""
    scores = np.zeros(len(stream))
    for label in np.unique(given):
        rows = np.where(given == label)[0]
        centred = stream[rows] - stream[rows].mean(0)
        top = np.linalg.svd(centred, full_matrices=False)[2][0]
        scores[rows] = (centred @ top) ** 2
    return scores, None


def clustering():
    """Chen et al. 2018: by label, two clusters of ten components; the smaller one is suspect below 35 % of the label."""
    scores, flagged = np.full(len(stream), -np.inf), np.zeros(len(stream), bool)
    for label in np.unique(given):
        rows = np.where(given == label)[0]
        if len(rows) < 20:
            continue
        reduced = PCA(min(10, dims), random_state=seed).fit_transform(stream[rows])
        means = KMeans(2, n_init=10, random_state=seed).fit(reduced)
        sizes = np.bincount(means.labels_, minlength=2)
        small = int(sizes.argmin())
        distances = means.transform(reduced)
        # The further a record is on the smaller cluster's side, the worse; clusters of equal size say nothing.
        scores[rows] = (distances[:, 1 - small] - distances[:, small]) * (1 - sizes[small] / len(rows))
        flagged[rows] = (means.labels_ == small) & (sizes[small] < 0.35 * len(rows))
    return scores, flagged


def density():
    outliers = LocalOutlierFactor(novelty=True).fit(trusted)
    return -outliers.score_samples(stream), outliers.predict(stream) < 0


peers = {
    "cleanlab, probe fitted on trusted": with_trusted,
    "cleanlab, 5-fold on the stream": without_trusted,
    "scikit-learn 20-NN against trusted": neighbours,
    "spectral signatures": spectral,
    "activation clustering": clustering,
    "scikit-learn LOF against trusted": density,
}

for index, (peer, scored) in enumerate(peers.items()):
    start = time.perf_counter()
    scores, flagged = scored()
    seconds = time.perf_counter() - start
    np.asarray(scores, dtype="<f8").tofile(folder / f"{index}.f64")
    if flagged is not None:
        np.asarray(flagged, dtype="u1").tofile(folder / f"{index}.u8")
    print(json.dumps({"peer": peer, "file": str(index), "decides": flagged is not None, "seconds": seconds}), flush=True)
