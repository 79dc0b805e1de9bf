#!/usr/bin/env python3
"""bench/peers: hand-computed scores, what is refused, what a process cost, and a whole run on small made-up series.

Usage: peers_test.py FORESTAGE [unittest arguments]. Needs numpy; no R, no peer and no real data.
"""
import gzip
import json
import math
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

FORESTAGE = pathlib.Path(sys.argv.pop(1)).resolve() if len(sys.argv) > 1 and os.access(sys.argv[1], os.X_OK) else None
SOURCE = pathlib.Path(__file__).resolve().parents[3] / "bench" / "peers"
sys.path.insert(0, str(SOURCE))
try:
    import numpy as np
except ImportError:
    print("numpy is absent, so bench/peers was not tested: apt install python3-numpy")
    sys.exit(77)

import scoring  # noqa: E402
import sets  # noqa: E402
import simple  # noqa: E402

OK, FAILED, USAGE = 0, 1, 2


class InFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="peers-test-")
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)


class Scores(InFolder):
    def test_scores_are_those_computed_by_hand(self):
        forecast = {"mean": np.array([9.0, 9.0]), 0.5: np.array([10.0, 20.0])}
        got = scoring.losses(np.array([12.0, 20.0]), forecast)
        self.assertAlmostEqual(got["mase"], 1.0)  # |12 - 10|, |20 - 20|: the median, not the mean
        self.assertAlmostEqual(got["coverage 0.5"], 0.5)  # an observation on the quantile is covered
        self.assertAlmostEqual(got["smape"], 200 * 2 / 22 / 2)
        self.assertNotIn("spl", got)  # not all of its quantiles are there
        paths = {q: np.array([10.0]) for q in scoring.SCORED}
        above = scoring.losses(np.array([11.0]), {"mean": paths[0.5], **paths})
        self.assertAlmostEqual(above["spl"], 2 * (0.5 + 0.8 + 0.9 + 0.95 + 0.99) / 5)
        below = scoring.losses(np.array([9.0]), {"mean": paths[0.5], **paths})
        self.assertAlmostEqual(below["spl"], 2 * (0.5 + 0.2 + 0.1 + 0.05 + 0.01) / 5)

    def test_the_scale_is_the_mean_seasonal_change_before_the_first_origin(self):
        self.assertAlmostEqual(scoring.scale_of(np.array([1.0, 2.0, 4.0, 8.0, 999.0]), 2, 4), (3 + 6) / 2)
        self.assertEqual(scoring.scale_of(np.array([1.0, 2.0]), 2, 2), 0.0)

    def test_means_are_over_origins_then_over_series(self):
        scored = {("a", 1): {"mase": 1.0}, ("a", 2): {"mase": 3.0}, ("b", 1): {"mase": 6.0}}
        self.assertAlmostEqual(scoring.mean_of(scored)["mase"], 4.0)

    def test_a_ratio_is_taken_on_the_pairs_that_both_have(self):
        default = {("a", o): {"mase": 2.0 + o} for o in range(4)}
        peer = {("a", o): {"mase": 1.0 + o} for o in (0, 2)}
        ratio, error = scoring.compare(peer, default, "mase")
        self.assertAlmostEqual(ratio, 2.0 / 3.0)
        self.assertAlmostEqual(error, 0.0)
        self.assertIsNone(scoring.compare(peer, default, "spl"))

    def test_what_is_missing_twice_or_not_finite_is_refused(self):
        good = "series,origin,step,mean,q0.5\na,5,1,1,1\na,5,2,1,1\n"
        path = self.path / "f.csv"
        path.write_text(good)
        self.assertEqual(list(scoring.read_forecasts(path, 2)), [("a", 5)])
        for bad, words in ((good.replace("a,5,2,1,1\n", ""), "step 2 is missing"), (good + "a,5,2,1,1\n", "twice"),
                           (good.replace("1,1\n", "1,nan\n", 1), "finite"), (good.replace("step,", "s,"), "header"),
                           (good.replace("a,5,2", "a,5,3"), "not in 1 to 2")):
            path.write_text(bad)
            with self.assertRaisesRegex(scoring.ScoreError, words):
                scoring.read_forecasts(path, 2)

    def test_seasonal_naive_repeats_the_last_season(self):
        path, bands = simple.seasonal_naive(np.array([1.0, 2.0, 3.0, 5.0]), 2, 3, [0.5, 0.9])
        self.assertEqual(list(path), [3, 5, 3])
        self.assertEqual(list(bands[0]), [3, 5, 3])  # the median of the changes 2 and 3 is the middle of the band
        self.assertAlmostEqual(float(bands[1][0]), 3.4, places=5)


class Cost(InFolder):
    def measured(self, code):
        report = self.path / "cost.json"
        subprocess.run([sys.executable, "-S", "-E", SOURCE / "measure.py", report, "2", sys.executable, "-S", "-c", code],
                       stderr=subprocess.DEVNULL, check=True)
        return json.loads(report.read_text())

    def test_memory_is_the_commands_own_peak(self):
        held = bytearray(300_000_000)  # what this process holds must not appear in the child's
        held[::4096] = b"x" * len(held[::4096])
        self.assertLess(self.measured("pass")["peak_mb"], 100)
        self.assertGreater(self.measured("x = bytearray(200_000_000); x[::4096] = b'x' * len(x[::4096])")["peak_mb"], 190)

    def test_cpu_time_has_the_childrens_and_a_limit(self):
        burn = "import time\nwhile time.process_time() < {}: pass"
        child = f"import subprocess, sys; subprocess.run([sys.executable, '-S', '-c', '''{burn.format(0.5)}'''])"
        self.assertGreater(self.measured(child)["cpu_seconds"], 0.5)
        self.assertEqual(self.measured(burn.format(60))["code"], -24)  # SIGXCPU after two seconds


def noisy(length, season, seed, level=40.0):
    rng = random.Random(seed)
    return [max(0, round(level + level / 2 * math.sin(2 * math.pi * t / season) + rng.gauss(0, level / 8))) for t in range(length)]


@unittest.skipIf(FORESTAGE is None, "no forestage command was given")
class WholeRuns(InFolder):
    def run_peers(self, *more, forestage=None, code=OK):
        done = subprocess.run([sys.executable, SOURCE / "run", forestage or FORESTAGE, "--data", self.path, "--peers", "none",
                               "--json", self.path / "out.json", *map(str, more)], capture_output=True, text=True, timeout=500)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def made_up(self):
        """Half-hours with one count; hours of two seasons in id,values; rooms whose rows are counted."""
        with gzip.open(self.path / sets.SETS["calit2"].file, "wt") as f:
            f.write("date,observed\n")
            for t, v in enumerate(noisy(48 * 50, 48, 1)):
                day, half = divmod(t, 48)
                f.write(f"2005-{7 + day // 31:02}-{day % 31 + 1:02}T{half // 2:02}:{half % 2 * 30:02}:00Z,{v}\n")
        with gzip.open(self.path / sets.SETS["m4"].file, "wt") as f:
            f.write("id,values\n")
            for i in range(3):
                f.write(f"H{i + 1}," + " ".join(f"{v + 10.25}" for v in noisy(700, 24, 10 + i)) + "\n")
        with gzip.open(self.path / sets.SETS["w3c"].file, "wt") as f:
            f.write("timestamp,room,peer,region,kind,length\n")
            for t, v in enumerate(noisy(24 * 50, 24, 3, level=3.0)):
                day, hour = divmod(t, 24)
                for i in range(v):
                    f.write(f"2012-{1 + day // 28:02}-{day % 28 + 1:02} {hour:02}:{i:02},css,{i},nl,j,0\n")
                f.write(f"2012-{1 + day // 28:02}-{day % 28 + 1:02} {hour:02}:59,css,0,nl,m,5\n")

    def test_its_scores_are_those_of_backtest(self):
        self.made_up()
        self.run_peers("--set", "calit2,m4,w3c")
        out = json.loads((self.path / "out.json").read_text())
        self.assertEqual(out["checks"]["failures"], [])
        self.assertGreater(out["checks"]["figures"], 300)
        self.assertEqual({r["set"] for r in out["rows"]}, {"calit2", "m4", "w3c"})
        self.assertEqual(len(out["rows"]), 15)
        default = next(r for r in out["rows"] if r["set"] == "calit2")
        self.assertEqual(default["forecasts"], 28)
        self.assertGreater(default["peak_mb"], 5)

    def test_another_figure_in_backtests_scores_fails_the_run(self):
        self.made_up()
        wrapper = self.path / "forestage"
        wrapper.write_text(f'#!/bin/sh\n"{FORESTAGE}" "$@" || exit 1\n'
                           'while [ $# -gt 1 ]; do [ "$1" = --json ] && file=$2; shift; done\n'
                           '[ -z "$file" ] || sed -i \'0,/"mase": 0\\.[0-9]/s//"mase": 9.9/\' "$file"\n')
        wrapper.chmod(0o755)
        done = self.run_peers("--set", "calit2", forestage=wrapper, code=FAILED)
        self.assertIn("checks FAILED", done.stdout)
        self.assertIn("calit2: default, mean, MASE", done.stdout)

    def test_a_test_file_is_forecast_past_the_end(self):
        self.made_up()
        with open(self.path / "test.csv", "w") as f:
            f.write("id,values\nH2," + " ".join(["50"] * 48) + "\n")
        self.run_peers("--set", "m4", "--test", self.path / "test.csv")
        out = json.loads((self.path / "out.json").read_text())
        self.assertEqual([r["forecasts"] for r in out["rows"]], [1] * 5)
        self.assertGreater(out["rows"][0]["scores"]["mase"], 0)

    def test_rows_that_are_cut_are_not_seen(self):
        self.made_up()
        self.run_peers("--set", "calit2", "--cut", "96", "--keep", self.path / "kept")
        lines = (self.path / "kept" / "calit2" / "series.csv").read_text().splitlines()
        self.assertEqual(len(lines), 1 + 48 * 48)
        origins = {line.split(",")[1] for line in (self.path / "kept" / "calit2" / "forestage.csv").read_text().splitlines()[1:]}
        self.assertEqual(max(map(int, origins)), 48 * 47)

    def test_what_is_absent_or_misspelt_is_said(self):
        self.assertIn("is absent: give the folder", self.run_peers("--set", "bank", code=FAILED).stdout)
        self.assertIn("there is no 'nope'", self.run_peers("--set", "nope", code=USAGE).stderr)
        self.assertIn("there is no 'nope'", self.run_peers("--peers", "nope", code=USAGE).stderr)
        self.assertIn("build it", self.run_peers("--set", "bank", forestage=self.path / "no", code=USAGE).stderr)


if __name__ == "__main__":
    unittest.main()
