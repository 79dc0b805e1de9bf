"""Forecasts by Python's statsforecast (Nixtla) and river, one method a process so that its cost can be measured.

  VENV/bin/python python_peers.py METHOD SERIES PLAN OUT HORIZON SEASONS QUANTILES HISTORY

The same arguments and files as peers.R. statsforecast's models run as their documentation shows them, on the values as they are;
intervals are theirs. river learns log1p of one observation after the other (on the values its gradients
overflow) and gives a path without intervals.
A fit that fails is the seasonal naive one, and counted: the last line of standard output is `fits fallbacks`.
"""
import csv
import sys
import warnings

import numpy as np

warnings.filterwarnings("ignore")
method, series_path, plan_path, out_path = sys.argv[1:5]
horizon = int(sys.argv[5])
seasons = [int(s) for s in sys.argv[6].split(",")]
quantiles = [float(q) for q in sys.argv[7].split(",")]
history = int(sys.argv[8])


def statsforecast_model(name):
    from statsforecast import models
    short = seasons[0]
    return {"auto_ets": lambda n: models.AutoETS(season_length=short),
            "auto_arima": lambda n: models.AutoARIMA(season_length=short),
            "auto_theta": lambda n: models.AutoTheta(season_length=short),
            "auto_ces": lambda n: models.AutoCES(season_length=short),
            "mstl": lambda n: models.MSTL(season_length=seasons if n >= 2 * seasons[1] else short)}[name]


def by_statsforecast(name):
    make = statsforecast_model(name)
    levels = sorted({round(abs(200 * q - 100), 6) for q in quantiles} - {0})

    def forecast(values):
        model = make(len(values))
        got = model.forecast(y=values.astype(np.float64), h=horizon, level=levels)
        keys = {float(k.split("-")[1]): k for k in got if k.startswith("hi-")}

        def column(q):
            if q == 0.5:
                return got["mean"]
            key = keys[min(keys, key=lambda level: abs(level - abs(200 * q - 100)))]
            return got[key if q > 0.5 else key.replace("hi-", "lo-")]
        return np.stack([column(q) for q in quantiles])
    return forecast


def seasonal(values):
    short = seasons[0] if len(values) >= seasons[0] else 1
    path = values[len(values) - short + np.arange(horizon) % short]
    return np.repeat(path[None, :], len(quantiles), 0)


def river_model(name):
    from river import time_series
    short = seasons[0]
    return {"river_holt_winters": lambda: time_series.HoltWinters(alpha=0.1, beta=0.01, gamma=0.2, seasonality=short),
            "river_snarimax": lambda: time_series.SNARIMAX(p=2, d=0, q=0, m=short, sp=2, sd=0, sq=0)}[name]


def main():
    with open(series_path, encoding="utf8") as f:
        next(f)
        series = {name: np.array(values.split(), float) for name, values in (line.rsplit(",", 1) for line in f)}
    with open(plan_path, encoding="utf8", newline="") as f:
        plan = [(r["series"], int(r["origin"])) for r in csv.DictReader(f)]
    out, fallbacks = open(out_path, "w", encoding="utf8"), 0
    online = method.startswith("river_")
    out.write("series,origin,step,mean" + ("" if online else "".join(f",q{q:g}" for q in quantiles)) + "\n")
    make = river_model(method) if online else None
    forecast = None if online else by_statsforecast(method)
    learned = {}
    for name, origin in plan:  # the origins of a series ascend
        try:
            if online:
                model, seen = learned.get(name) or (make(), max(0, origin - history))
                for value in np.log1p(series[name][seen:origin]):
                    model.learn_one(float(value))
                learned[name] = (model, origin)
                bands = np.expm1(np.array(model.forecast(horizon=horizon), float))[None, :]
            else:
                bands = forecast(series[name][:origin][-history:])
            if not np.isfinite(bands).all():
                raise ValueError("not finite")
        except Exception as failure:  # whatever a peer throws is its failed fit
            print(f"{name} at {origin}: {failure}", file=sys.stderr)
            fallbacks += 1
            bands = seasonal(series[name][:origin])[:1 if online else None]
        bands = np.maximum(bands, 0)  # counts
        middle = bands[0] if online else bands[quantiles.index(0.5)]
        for k in range(horizon):
            cells = "" if online else "".join(f",{b[k]:.7g}" for b in bands)
            out.write(f"{name},{origin},{k + 1},{middle[k]:.7g}{cells}\n")
    out.close()
    print(len(plan), fallbacks)


main()
