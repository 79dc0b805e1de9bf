"""The data sets: what `forestage backtest` is asked, and the same series read again here, independently of it.

Rows are read as its log reader reads them: a row is an observation, in the order of the file; an empty count counts as the
observation one short season before. Logs of events it would read as rows of ones, and it does not sum rows of a finer
interval, so such sets are summed here (`summed`) and both sides get the sums.
"""
import calendar
import collections
import csv
import dataclasses
import fnmatch
import gzip
import math
import re
import time

DAY_QUANTILES = (0.5, 0.8, 0.9, 0.95, 0.99)


class SetError(Exception):
    """Says which file or series, and what to do."""


@dataclasses.dataclass(frozen=True)
class DataSet:
    name: str
    file: str
    what: str
    interval: str
    seasons: tuple  # short, long: observations
    columns: dict  # time: one or two columns; resource, region: a column or None; count: a tuple, empty for events
    where: dict = dataclasses.field(default_factory=dict)  # column -> globs, '|' between them
    horizon: int = 0  # 0: a short season
    origins: int = 28
    every: int = 0  # 0: a short season
    cut: int = 0  # observations at the end that are left alone
    summed: bool = False
    busiest: int = 0  # summed: only so many keys; 0: all
    quantiles: tuple = DAY_QUANTILES
    ids: bool = False  # id,values

    @property
    def seconds(self):
        return int(self.interval[:-1]) * {"m": 60, "h": 3600}[self.interval[-1]]

    @property
    def first_hour(self):
        return self.seconds == 300


def log(name, file, what, interval, seasons, time, count=(), resource=None, region=None, **more):
    return DataSet(name, file, what, interval, seasons,
                   {"time": time, "resource": resource, "region": region, "count": count}, **more)


SETS = {s.name: s for s in (
    DataSet("m4", "m4_hourly_train.csv.gz", "M4 competition, hourly", "1h", (24, 168), {}, horizon=48, origins=1, every=48,
            quantiles=(0.025, 0.5, 0.8, 0.9, 0.95, 0.975, 0.99), ids=True),
    log("tweets", "nab_5min.csv.gz", "NAB tweets, five shares", "5m", (288, 2016), ("timestamp",), ("value",), "series",
        where={"series": "realTweets/*"}, origins=25, every=72, cut=2016),
    log("bank", "bank_calls_5min.csv.gz", "calls to a bank, working days of 169 rows", "5m", (169, 845), ("timestamp",),
        ("calls",)),
    log("wc", "worldcup98_per_minute.csv.gz", "World Cup 98 web site, minutes summed to 5", "5m", (288, 2016),
        ("timestamp_utc",), ("requests",), summed=True),
    log("taxi", "nab_5min.csv.gz", "NAB taxi, half-hours", "30m", (48, 336), ("timestamp",), ("value",), "series",
        where={"series": "realKnownCause/nyc_taxi"}),
    log("melbourne", "melbourne_pedestrians_2016_hourly.csv.gz", "pedestrians at seven places", "1h", (24, 168),
        ("date_local", "hour"), ("count",), "sensor"),
    log("seattle", "seattle_bike_counters_hourly.csv.gz", "bicycles at three places", "1h", (24, 168), ("timestamp_local",),
        ("count",), "counter", where={"field": "*_total|_2nd_ave_cycletrack"}),
    log("calit2", "calit2_building_inflow_30min.csv.gz", "people into a building, half-hours", "30m", (48, 336), ("date",),
        ("observed",)),
    log("bikes", "uci_bike_sharing_hourly.csv.gz", "bike sharing: casual, registered", "1h", (24, 168), ("dteday", "hr"),
        ("casual", "registered")),
    log("w3c", "irc_w3c_2012_2013.csv.gz", "joins of W3C rooms, the ten busiest (room, region)", "1h", (24, 168),
        ("timestamp",), (), "room", "region", where={"kind": "j"}, summed=True, busiest=10),
    log("flights", "us_flights_2001_origins_open.csv.gz", "US flights, the ten busiest (destination, origin)", "1h",
        (24, 168), ("timestamp_local",), (), "destination", "origin", summed=True, busiest=10),
)}


@dataclasses.dataclass
class Series:
    name: str
    times: list  # texts; empty in id,values
    values: list


def opened(path):
    return gzip.open(path, "rt", encoding="utf8", newline="") if path.name.endswith(".gz") else open(path, encoding="utf8",
                                                                                                      newline="")


def rows_of(data_set, path):
    clauses = [(c, re.compile("|".join(fnmatch.translate(g) for g in globs.split("|")))) for c, globs in data_set.where.items()]
    with opened(path) as f:
        for row in csv.DictReader(f):
            if all(pattern.match(row[column]) for column, pattern in clauses):
                yield row


def key_of(data_set, row):
    resource, region = data_set.columns["resource"], data_set.columns["region"]
    name = row[resource] if resource else "all"
    return f"{name}/{row[region]}" if region else name


def number(text, where):
    if text == "":
        return math.nan
    value = float(text)
    if not math.isfinite(value) or value < 0:
        raise SetError(f"{where}: '{text}' is not a number of at least 0")
    return value


def read_ids(path):
    with opened(path) as f:
        return [Series(r["id"], [], [number(v, r["id"]) for v in r["values"].split()]) for r in csv.DictReader(f)]


def read_rows(data_set, path):
    found, counts = {}, data_set.columns["count"]
    for row in rows_of(data_set, path):
        when = " ".join(row[c] for c in data_set.columns["time"])
        for count in counts:
            key = count if len(counts) > 1 else key_of(data_set, row)
            series = found.setdefault(key, Series(key, [], []))
            series.times.append(when)
            series.values.append(number(row[count], f"{path.name}, {key} at {when}"))
    return list(found.values())


def minute_of(text):
    return calendar.timegm(time.strptime(text[:16].replace("T", " "), "%Y-%m-%d %H:%M"))


def read_sums(data_set, path):
    """Absent rows are zero, from the first interval to the last of all selected rows."""
    sums = collections.defaultdict(lambda: collections.defaultdict(float))
    known = {}
    for row in rows_of(data_set, path):
        text = row[data_set.columns["time"][0]][:16]
        if text not in known:
            known[text] = minute_of(text) // data_set.seconds
        count = data_set.columns["count"]
        sums[key_of(data_set, row)][known[text]] += number(row[count[0]], f"{path.name} at {text}") if count else 1
    first, last = min(min(s) for s in sums.values()), max(max(s) for s in sums.values())
    keys = sorted(sums, key=lambda k: (-sum(sums[k].values()), k))
    if data_set.busiest:
        keys = keys[:data_set.busiest]
    times = [time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(t * data_set.seconds)) for t in range(first, last + 1)]
    return [Series(k, times, [sums[k].get(t, 0.0) for t in range(first, last + 1)]) for k in keys]


def fill(values, season):
    """A missing observation counts as the one a season before it, as `forestage backtest` takes it."""
    for i, value in enumerate(values):
        if math.isnan(value):
            values[i] = values[i - season] if i >= season else values[i - 1] if i > 0 else 0.0


def read(data_set, folder, cut):
    """All series, less `cut` observations at their ends. Errors: SetError."""
    path = folder / data_set.file
    if not path.exists():
        raise SetError(f"{path} is absent: give the folder of the data with --data, or set FORESTAGE_SHARED")
    series = read_ids(path) if data_set.ids else (read_sums if data_set.summed else read_rows)(data_set, path)
    if not series:
        raise SetError(f"{path}: no series was selected")
    for s in series:
        fill(s.values, data_set.seasons[0])
        if cut:
            s.values, s.times = s.values[:-cut], s.times[:-cut]
    return series


def write_series(series, path):
    """series,timestamp,value: what forestage (with `columns_of(None)`) and other scorers read. id,values has no times."""
    with open(path, "w", encoding="utf8", newline="") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(["series", "timestamp", "value"])
        for s in series:
            for i, value in enumerate(s.values):
                out.writerow([s.name, s.times[i] if s.times else i, f"{value:.17g}"])


def write_ids(series, path):
    """id,values: what the peers read."""
    with open(path, "w", encoding="utf8") as f:
        f.write("id,values\n")
        for s in series:
            f.write(s.name + "," + " ".join(f"{v:.17g}" for v in s.values) + "\n")


def selection(data_set, folder, prepared, cut):
    """The arguments that select these series: the file itself where backtest reads it, else what was prepared."""
    if data_set.summed or cut:
        if data_set.ids:
            return [str(prepared.with_name("series.ids.csv"))]
        return [str(prepared), "--columns", "time=timestamp,resource=series,count=value"]
    arguments = [str(folder / data_set.file)]
    if data_set.ids:
        return arguments
    columns = ["time=" + "+".join(data_set.columns["time"])]
    for role in ("resource", "region"):
        if data_set.columns[role]:
            columns.append(f"{role}={data_set.columns[role]}")
    columns.append("count=" + ",".join(data_set.columns["count"]))
    arguments += ["--columns", ",".join(columns)]
    for column, globs in data_set.where.items():
        arguments += ["--where", f"{column}={globs}"]
    return arguments
