"""The public forecasters: which there are, on what each is run, and how one run is measured."""
import dataclasses
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
HISTORY = 8064  # observations before an origin that a peer sees: four weeks of 5 minutes, 48 weeks of hours


@dataclasses.dataclass(frozen=True)
class Peer:
    name: str
    by: str  # R, statsforecast, river
    # Sets and groups of sets -> (every k-th series, every k-th origin); the first that fits, else everything.
    sample: dict = dataclasses.field(default_factory=dict)
    only: str = ""  # sets or groups; empty: all


GROUPS = {"5m": ("tweets", "wc", "bank"), "30m": ("taxi", "calit2"),
          "1h": ("melbourne", "seattle", "bikes", "w3c", "flights")}
SLOW = {"m4": (9, 1), "tweets": (1, 24), "w3c": (5, 4), "flights": (5, 4), "5m": (1, 4), "30m": (1, 4), "1h": (2, 4)}
SLOWEST = {"m4": (46, 1), "tweets": (3, 24), "w3c": (5, 14), "flights": (5, 14), "1h": (3, 14), "5m": (1, 14), "30m": (1, 14)}
PEERS = {p.name: p for p in (
    Peer("naive2", "R", only="m4"),
    Peer("snaive", "R"),
    Peer("thetaf", "R"),
    Peer("mstl_ets", "R", {"tweets": (1, 4)}),
    Peer("harmonic_arma", "R", {"tweets": (1, 4)}),
    Peer("tbats", "R", SLOWEST),
    Peer("mstl", "statsforecast", {**SLOW, "m4": (1, 1)}),
    Peer("auto_theta", "statsforecast", {**SLOWEST, "m4": (1, 1), "tweets": (1, 24)}),
    Peer("auto_ets", "statsforecast", SLOW, only="m4 30m 1h"),
    Peer("auto_ces", "statsforecast", SLOW, only="m4 30m 1h"),
    Peer("auto_arima", "statsforecast", {"m4": (46, 1)}, only="m4"),
    Peer("river_holt_winters", "river"),
    Peer("river_snarimax", "river"),
)}


QUICK = [p.name for p in PEERS.values() if p.by == "river" or p.by == "R" and p.name != "tbats"]


def names_set(text, data_set):
    return text == data_set or data_set in GROUPS.get(text, ())


def runs_on(peer, data_set):
    return not peer.only or any(names_set(t, data_set) for t in peer.only.split())


def sample_of(peer, data_set, full):
    if full:
        return 1, 1
    exact = peer.sample.get(data_set)
    return exact or next((v for k, v in peer.sample.items() if names_set(k, data_set)), (1, 1))


def environment():
    out = dict(os.environ)
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        out[name] = "1"
    return out


def measured(command, folder, name, cpu_limit=0):
    """Runs the command; what it cost, its exit code and what it printed."""
    report, printed, said = folder / f"{name}.cost", folder / f"{name}.out", folder / f"{name}.err"
    with open(printed, "w") as out, open(said, "w") as err:
        subprocess.run([sys.executable, "-S", "-E", str(HERE / "measure.py"), str(report), str(cpu_limit)] + command,
                       stdout=out, stderr=err, env=environment(), check=True)
    cost = json.loads(report.read_text())
    cost["output"], cost["errors"] = printed.read_text(), said.read_text()
    return cost


def command_of(peer, venv, series, plan, out, horizon, seasons, quantiles):
    arguments = [peer.name, str(series), str(plan), str(out), str(horizon), ",".join(map(str, seasons)),
                 ",".join(f"{q:g}" for q in quantiles), str(HISTORY)]
    if peer.by == "R":
        return ["Rscript", "--vanilla", str(HERE / "peers.R")] + arguments
    return [str(pathlib.Path(venv) / "bin" / "python"), str(HERE / "python_peers.py")] + arguments


def first_line(command):
    """Of what the command prints; None when it is absent or fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment())
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip().split("\n")[0]


def versions(venv):
    """{kind: version}, and a line for everything that is absent."""
    found, absent = {}, []
    r = first_line(["Rscript", "--vanilla", "-e", 'cat(paste0(getRversion(), ", forecast ", packageVersion("forecast")))'])
    if r:
        found["R"] = "R " + r
    else:
        absent.append("no Rscript with the package forecast, so its peers are left out: apt install r-cran-forecast")
    how = "python3 -m venv VENV && VENV/bin/pip install statsforecast river, then --python-peers VENV"
    for kind in ("statsforecast", "river"):
        text = first_line([str(pathlib.Path(venv) / "bin" / "python"), "-c",
                           f"import importlib.metadata as m, {kind}; print(m.version('{kind}'))"]) if venv else None
        if text:
            found[kind] = f"{kind} {text}"
        else:
            absent.append(f"no {kind}, so its peers are left out: {how}")
    return found, absent
