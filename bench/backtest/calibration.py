#!/usr/bin/env python3
"""Holds the quantiles of `forestage backtest` to their levels; exit code 1 when a set is off by more than three points.

  calibration.py [--only GLOB] [--half first|second] [--within 0.03] [--jobs N] [--work DIR] [--forestage PATH] [--json FILE]

Of each set, over all its series, origins and steps, and by level: the share of observations below the quantile, and of those that
equal it the part that the forecast puts below the level (the expectation of the randomised probability integral transform: Czado,
Gneiting, Held, Biometrics 65, 2009), less the level. What the forecast puts on a number is read from quantiles .0125 apart; where
values have decimals this is the share at or below. `halves` counts half of those that equal the quantile instead: on small counts
that is off for a forecast that is right, too (Poisson of mean 3: the quantile .05 is 1, .05 are below, .2 at or below: .125).

The open series are those of bench/peers (and the ELB's), in $FORESTAGE_SHARED/data (default ../shared/data): `--half first`, for tuning,
cuts each at its middle; M4's training file and the tweets less their last week are one part, and their test parts are not read here.
Generated series (generate() below) come from other seeds in the second half. `se`: standard error of the worst level's share, from
the spread over series and origins at the same time; ones less than a horizon apart count as independent, so it is somewhat low.
"""
import argparse
import dataclasses
import fnmatch
import json
import os
import pathlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

DEBIAN = "/usr/bin/python3"
try:
    import numpy as np
except ImportError:  # another Python may stand before the one that python3-numpy belongs to
    if sys.executable != DEBIAN and os.path.exists(DEBIAN):
        os.execv(DEBIAN, [DEBIAN] + sys.argv)
    sys.exit("calibration: numpy is absent: apt install python3-numpy")

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "peers"))
import sets  # noqa: E402

SHOWN = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
ASKED = tuple(sorted([k / 80 for k in range(1, 80)] + [0.99]))
SCORED = (0.5, 0.8, 0.9, 0.95, 0.99)
ELB = sets.log("elb", "nab_5min.csv.gz", "NAB requests of a load balancer", "5m", (288, 2016), ("timestamp",), ("value",), "series",
               where={"series": "*elb_request*"}, origins=3)
ONE_PART = ("m4", "tweets")


# Generated series, hourly, a panel of twelve: eight weeks and what comes after a level has moved.
DAY, WEEK, SERIES = 24, 168, 12
SHIFT_AT = 8 * WEEK
KINDS = {"poisson": "counts of a constant rate, Poisson, .5 to 60 an hour", "gauss": "rhythm of a day and a week with Gaussian noise",
         "counts": "the same rhythm, negative binomial (shape 4), 1 to 100 an hour"}
MOVES = {"": 1.0, "*2": 2.0, "/2": 0.5}
TIMES = ("", "day", "week")  # no shift; origins 1 to 24 hours after it; a week to six weeks after it


@dataclasses.dataclass(frozen=True)
class Generated:
    name: str
    kind: str
    factor: float
    when: str

    @property
    def length(self):
        return SHIFT_AT + (2 * DAY if self.when == "day" else 6 * WEEK)

    @property
    def origins(self):
        return (24, 1) if self.when == "day" else (34, 25)


GENERATED = [Generated(f"{kind}{move}{' ' + when if when else ''}", kind, factor, when) for kind in KINDS for move, factor in MOVES.items()
             for when in TIMES if (when == "") == (move == "")]


def generate(one, half):
    random = np.random.default_rng([20 + (half == "second"), list(KINDS).index(one.kind), int(4 * one.factor), TIMES.index(one.when)])
    t = np.arange(one.length)
    out = []
    for i in range(SERIES):
        share = i / (SERIES - 1)
        week = 1 - 0.3 * ((t // DAY) % 7 >= 5)
        rhythm = (1 + 0.6 * np.sin(2 * np.pi * t / DAY + share)) * week
        move = np.where(t < SHIFT_AT, 1.0, one.factor)
        if one.kind == "poisson":
            y = random.poisson(0.5 * 120 ** share * move)
        elif one.kind == "gauss":
            y = np.maximum(0, 1000 * 10 ** share * move * (rhythm + (0.05 + 0.15 * share) * random.standard_normal(one.length)))
        else:
            y = random.poisson(100 ** share * rhythm * move * random.gamma(4, 0.25, one.length))
        out.append(sets.Series(f"s{i}", [], [float(v) for v in y]))
    return out


def read(one, options):
    """Series, and what backtest is asked: seasons, interval, horizon, origins, every. Errors: sets.SetError."""
    if isinstance(one, Generated):
        return generate(one, options.half), ((DAY, WEEK), "1h", DAY) + one.origins
    if options.half == "second" and one.name in ONE_PART:
        raise sets.SetError("its test part is not read here")
    series = sets.read(one, options.data, one.cut)
    if options.half == "first" and one.name not in ONE_PART:
        for s in series:
            s.values, s.times = s.values[:len(s.values) // 2], s.times[:len(s.times) // 2]
    day, week = one.seasons
    origins = one.origins
    if one.name not in ONE_PART:  # a day apart, after four weeks
        origins = max(one.origins, min(60, (min(len(s.values) for s in series) - 4 * week) // day - 1))
    return series, (one.seasons, one.interval, one.horizon or day, origins, one.every or day)


def forecasts(path, horizon):
    """(series, origin) -> levels x steps."""
    table = {}
    with open(path, encoding="utf8") as rows:
        next(rows)
        for row in rows:
            name, origin, step, _, *values = row.rsplit(",", 3 + len(ASKED))
            table.setdefault((name.strip('"'), int(origin)), np.full((horizon, len(ASKED)), np.nan))[int(step) - 1] = values
    return {key: values.T for key, values in table.items()}


def below(said, actual):
    """By shown level and step: what the forecast and what came say of `actual <= quantile`: 0, 1, or between where they are equal; and
    the same with half of those."""
    levels = np.array(ASKED)[:, None]
    equal = said == actual
    # The levels at which the forecast says this very number, and half a distance more on either side.
    gaps = np.diff(np.array([0.0, *ASKED, 1.0]))
    low = np.where(said < actual, levels + gaps[1:, None] / 2, 0).max(axis=0)
    high = np.where(said > actual, levels - gaps[:-1, None] / 2, 1).min(axis=0)
    share = np.clip((levels - low) / np.maximum(high - low, 1e-9), 0, 1)
    at = [ASKED.index(level) for level in SHOWN]
    return np.where(equal, share, said > actual)[at], np.where(equal, 0.5, said > actual)[at]


def losses(said, actual, season, before):
    """MASE and SPL of one origin; none without a scale."""
    scale = np.mean(np.abs(before[season:] - before[:-season]))
    if not scale > 0:
        return None
    error = actual - np.stack([said[ASKED.index(q)] for q in SCORED])
    q = np.array(SCORED)[:, None]
    return np.abs(error[0]).mean() / scale, 2 * np.maximum(q * error, (q - 1) * error).mean() / scale


def run(one, options):
    try:
        series, (seasons, interval, horizon, origins, every) = read(one, options)
    except sets.SetError as failure:
        return {"set": one.name, "why": str(failure)}
    folder = options.work / f"{one.name.replace('/', 'h').replace('*', 'x').replace(' ', '_')}.{options.half}"
    folder.mkdir(parents=True, exist_ok=True)
    file, out = folder / "series.csv", folder / "forecasts.csv"
    sets.write_ids([sets.Series(s.name.replace(",", ";"), [], s.values) for s in series], file)
    command = ["nice", "-n", "10", str(options.forestage), "backtest", str(file), "--interval", interval, "--season",
               ",".join(map(str, seasons)), "--horizon", str(horizon), "--origins", str(origins), "--every", str(every), "--threads", "1",
               "--quantiles", ",".join(f"{q:g}" for q in ASKED), "--forecasts", str(out)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        return {"set": one.name, "why": f"backtest failed ({done.returncode}): {done.stderr.strip()[-300:]}", "failed": True}
    values = {s.name.replace(",", ";"): np.array(s.values) for s in series}
    shares, halves, scores, times = [], [], {}, {}
    longest = max(len(v) for v in values.values())
    for (name, origin), said in forecasts(out, horizon).items():
        y = values[name]
        actual = y[origin:origin + horizon].astype(np.float32)
        share, half = below(said.astype(np.float32), actual)
        times.setdefault((name if origins == 1 else origin - len(y) + longest), []).append(len(shares))
        shares.append(share)
        halves.append(half)
        if (lost := losses(said, y[origin:origin + horizon], seasons[0], y[:len(y) - horizon - (origins - 1) * every])) is not None:
            scores.setdefault(name, []).append(lost)
    shares, halves = np.stack(shares), np.stack(halves)  # forecasts x levels x steps
    off = shares.mean(axis=(0, 2)) - SHOWN
    worst = int(np.argmax(np.abs(off)))
    means = np.array([shares[which, worst].mean() for which in times.values()])
    accuracy = np.mean([np.mean(each, axis=0) for each in scores.values()], axis=0) if scores else (np.nan, np.nan)
    steps = [0, min(horizon, max(1, horizon // 8)), horizon]
    return {"set": one.name, "series": len(values), "origins": origins, "points": int(shares[:, 0].size),
            "off": [float(v) for v in off], "worst": float(off[worst]),
            "se": float(means.std(ddof=1) / np.sqrt(len(means))) if len(means) > 1 else None,
            "halves": float(max(halves.mean(axis=(0, 2)) - SHOWN, key=abs)),
            "near": float(max(shares[:, :, :steps[1]].mean(axis=(0, 2)) - SHOWN, key=abs)),
            "mase": float(accuracy[0]), "spl": float(accuracy[1])}


def line_of(one, within):
    if "why" in one:
        return f"| {one['set']} | {one['why']} |"
    off = " | ".join(f"{v:+.3f}" for v in one["off"])
    se = f"{one['se']:.3f}" if one["se"] is not None else "–"
    return (f"| {one['set']} | {one['series']} | {one['origins']} | {one['points']} | {off} | {one['worst']:+.3f}"
            f"{' OFF' if abs(one['worst']) > within else ''} | {se} | {one['near']:+.3f} | {one['halves']:+.3f} | {one['mase']:.4f} | {one['spl']:.4f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="*", help="sets by name; alternatives by |")
    parser.add_argument("--half", choices=("first", "second"), default="first")
    parser.add_argument("--within", type=float, default=0.03)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--work", type=pathlib.Path, default="build/backtest-calibration")
    parser.add_argument("--forestage", type=pathlib.Path, default="build/release/tools/forestage")
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    shared = os.environ.get("FORESTAGE_SHARED", "../shared")
    options.data = pathlib.Path(shared) / "data"
    real = [*sets.SETS.values(), ELB]
    if not options.data.is_dir():
        print(f"calibration: the open series are NOT COMPARED: there is no real data at {shared}")
        real = []
    chosen = [s for s in real + GENERATED if any(fnmatch.fnmatchcase(s.name, p) or s.name == p for p in options.only.split("|"))]
    print("| set | series | origins | points | " + " | ".join(f"{level:g}" for level in SHOWN)
          + " | worst | se | first eighth | halves | MASE | SPL |\n" + "|---" * (len(SHOWN) + 10) + "|")
    found = []
    with ThreadPoolExecutor(options.jobs) as pool:
        for one in pool.map(lambda each: run(each, options), chosen):
            found.append(one)
            print(line_of(one, options.within), flush=True)
    off = [one["set"] for one in found if abs(one.get("worst", 0)) > options.within]
    compared = sum("worst" in one for one in found)
    print(f"\n{compared} sets, {len(off)} off by more than {options.within:g}{': ' + ', '.join(off) if off else ''}")
    if options.json:
        options.json.write_text(json.dumps({"levels": SHOWN, "sets": found}, indent=1) + "\n")
    return 1 if off or any("failed" in one for one in found) else 0


if __name__ == "__main__":
    sys.exit(main())
