"""One scorer for every forecaster: forecast CSV (series,origin,step,mean,q...) against the series.

  scale = mean |y_t - y_(t - season)| over the observations before the first origin
  MASE  = mean over origins of mean |y - median| / scale   (Hyndman and Koehler, 2006); the mean where there is no median
  SPL   = mean over origins and the quantiles .5 .8 .9 .95 .99 of 2 * pinball / scale
  coverage of q = mean over origins of the share of observations at or below it
per series, then the mean over series. A series without a scale (constant, or too short) is left out. A forecast that is
missing, comes twice or is not finite is an error, never skipped.
"""
import csv
import math

import numpy as np

SCORED = (0.5, 0.8, 0.9, 0.95, 0.99)
FIRST = 12  # steps of the first hour at 5 minutes


class ScoreError(Exception):
    """Says which series, origin and step."""


def read_forecasts(path, horizon):
    """{(series, origin): {'mean' or quantile: array of horizon}}. Errors: ScoreError."""
    found, seen = {}, {}
    with open(path, encoding="utf8", newline="") as f:
        rows = csv.reader(f)
        header = next(rows)
        if header[:4] != ["series", "origin", "step", "mean"]:
            raise ScoreError(f"{path}: the header is not series,origin,step,mean,q...")
        names = ["mean"] + [float(c[1:]) for c in header[4:]]
        for row in rows:
            key, step = (row[0], int(row[1])), int(row[2])
            if key not in found:
                found[key], seen[key] = np.full((len(names), horizon), np.nan), set()
            if not 1 <= step <= horizon or step in seen[key]:
                raise ScoreError(f"{path}: {key[0]} at {key[1]}: step {step} comes twice or is not in 1 to {horizon}")
            seen[key].add(step)
            found[key][:, step - 1] = [float(v) for v in row[3:]]
    for key, values in found.items():
        if not np.isfinite(values).all():
            step = int(np.argwhere(~np.isfinite(values))[0][1]) + 1
            raise ScoreError(f"{key[0]} at {key[1]}: step {step} is missing or not a finite number")
    return {key: dict(zip(names, values)) for key, values in found.items()}


def scale_of(values, season, first_origin):
    before = values[:first_origin]
    return float(np.mean(np.abs(before[season:] - before[:-season]))) if len(before) > season else 0.0


def losses(actual, forecast):
    """Of one origin, not scaled: mae, spl and their first hours, coverage by quantile, smape (per cent)."""
    point = forecast.get(0.5, forecast["mean"])
    error = np.abs(actual - point)
    size = np.abs(actual) + np.abs(point)
    out = {"mase": error.mean(), "mase_first": error[:FIRST].mean(),
           "smape": float(np.mean(np.where(size > 0, 200 * error / np.where(size > 0, size, 1), 0)))}
    have = [q for q in SCORED if q in forecast]
    if len(have) == len(SCORED):
        pinball = np.stack([2 * np.maximum(q * (actual - forecast[q]), (q - 1) * (actual - forecast[q])) for q in have])
        out["spl"], out["spl_first"] = pinball.mean(), pinball[:, :FIRST].mean()
    for q in forecast:
        if q != "mean":
            out[f"coverage {q:g}"] = float(np.mean(actual <= forecast[q]))
    if 0.025 in forecast and 0.975 in forecast:
        low, high = forecast[0.025], forecast[0.975]
        out["msis"] = float(np.mean(high - low + 40 * np.maximum(low - actual, 0) + 40 * np.maximum(actual - high, 0)))
        out["coverage 95"] = float(np.mean((low <= actual) & (actual <= high)))
    return out


SCALED = {"mase", "mase_first", "spl", "spl_first", "msis"}


def score(forecasts, actuals, scales, pairs):
    """{(series, origin): losses, scaled} for the pairs. actuals: {(series, origin): array}. Errors: ScoreError."""
    out = {}
    for key in pairs:
        if key not in forecasts:
            raise ScoreError(f"{key[0]} at {key[1]}: no forecast")
        one = losses(actuals[key], forecasts[key])
        out[key] = {m: v / scales[key[0]] if m in SCALED else v for m, v in one.items()}
    return out


def mean_of(scored):
    """The mean over series of the mean over origins."""
    by_series = {}
    for (series, _), one in scored.items():
        by_series.setdefault(series, []).append(one)
    if not by_series:
        return {}
    metrics = next(iter(scored.values())).keys()
    return {m: float(np.mean([np.mean([one[m] for one in each]) for each in by_series.values()])) for m in metrics}


def per_series(scored):
    return {series: mean_of({k: v for k, v in scored.items() if k[0] == series}) for series in {k[0] for k in scored}}


def compare(scored, other, metric):
    """(ratio, its standard error) of `scored` to `other` on the pairs of `scored`.

    The error is that of the paired difference over origins (over series where there is one origin), as if those were
    independent; origins closer than the horizon are not, so it is then too small."""
    pairs = [k for k in scored if k in other]
    ours = mean_of({k: scored[k] for k in pairs})
    theirs = mean_of({k: other[k] for k in pairs})
    if metric not in ours or metric not in theirs or theirs[metric] <= 0:
        return None
    place = {}
    for s in {k[0] for k in pairs}:  # the j-th origin of every series is one unit
        for j, key in enumerate(sorted(k for k in pairs if k[0] == s)):
            place[key] = j
    units = {}
    single = len(set(place.values())) == 1
    for key in pairs:
        units.setdefault(key[0] if single else place[key], []).append(scored[key][metric] - other[key][metric])
    means = [np.mean(u) for u in units.values()]
    error = float(np.std(means, ddof=1) / math.sqrt(len(means)) / theirs[metric]) if len(means) > 1 else math.nan
    return ours[metric] / theirs[metric], error
