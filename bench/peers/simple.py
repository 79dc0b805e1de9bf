"""The simple models that `forestage backtest` prints beside its own, written again in numpy.

Their forecasts are scored by this folder's scorer and must give the figures that backtest gives (run checks it): two
programs that share no code then agree on series, origins, fills, models and scores. Definitions:
models/forecast/simple_forecasts.hpp; paths and bands are single precision there, and so they are here.
"""
import numpy as np


def quantile(values, q):
    """Type 7 of Hyndman and Fan (1996), the very operations of models/forecast/quantile.hpp. @pre values ascend."""
    at = q * (len(values) - 1)
    below = int(at)
    above = min(below + 1, len(values) - 1)
    return values[below] + (at - below) * (values[above] - values[below])


def with_bands(path, errors, quantiles):
    path, errors = path.astype(np.float32), np.sort(errors)
    offsets = [quantile(errors, q) - quantile(errors, 0.5) if len(errors) else 0.0 for q in quantiles]
    return path, [np.maximum(path.astype(np.float64) + o, 0).astype(np.float32) for o in offsets]


def seasonal_naive(y, season, horizon, quantiles):
    distance = season if len(y) >= season else 1
    path = y[len(y) - distance + np.arange(horizon) % distance]
    return with_bands(path, y[distance:] - y[:-distance], quantiles)


def levels(y, weight=0.05):
    out, level = np.empty(len(y)), y[0]
    for t, value in enumerate(y):
        level += weight * (value - level)
        out[t] = level
    return out


def ewma(y, season, horizon, quantiles, known_levels):
    ahead = max(1, season // 2)
    return with_bands(np.full(horizon, known_levels[len(y) - 1]), y[ahead:] - known_levels[:len(y) - ahead], quantiles)


def time_of_day(y, season, horizon, quantiles):
    if len(y) < season:
        return seasonal_naive(y, season, horizon, quantiles)
    seasons, around = min(14, len(y) // season), season // 48
    middle, bands = np.empty(horizon, np.float32), np.empty((len(quantiles), horizon), np.float32)
    for k in range(horizon):
        at = (len(y) - season * np.arange(1, seasons + 1)[:, None] + k % season
              + np.arange(-around, around + 1)[None, :]).ravel()
        values = np.sort(y[at[(at >= 0) & (at < len(y))]])
        middle[k] = quantile(values, 0.5)
        bands[:, k] = [quantile(values, q) for q in quantiles]
    return middle, list(bands)


MODELS = ("seasonal-naive-short", "seasonal-naive-long", "ewma", "time-of-day")


def write_forecasts(series, pairs, seasons, horizon, quantiles, folder):
    """One forecast CSV per model: {model: path}."""
    paths = {m: folder / f"{m}.csv" for m in MODELS}
    files = {m: open(p, "w", encoding="utf8") for m, p in paths.items()}
    for f in files.values():
        f.write("series,origin,step,mean," + ",".join(f"q{q:g}" for q in quantiles) + "\n")
    values = {s.name: np.array(s.values) for s in series}
    smoothed = {name: levels(y) for name, y in values.items()}
    for name, origin in pairs:
        y = values[name][:origin]
        made = {"seasonal-naive-short": seasonal_naive(y, seasons[0], horizon, quantiles),
                "seasonal-naive-long": seasonal_naive(y, seasons[1], horizon, quantiles),
                "ewma": ewma(y, seasons[0], horizon, quantiles, smoothed[name]),
                "time-of-day": time_of_day(y, seasons[0], horizon, quantiles)}
        for model, (path, bands) in made.items():
            for k in range(horizon):
                files[model].write(f"{name},{origin},{k + 1},{path[k]}," + ",".join(str(b[k]) for b in bands) + "\n")
    for f in files.values():
        f.close()
    return paths
