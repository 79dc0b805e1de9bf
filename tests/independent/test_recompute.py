#!/usr/bin/env python3
"""Hand-computed cases for recompute.py, and a slow loop per definition against its vectors.

Run: python3 tests/independent/test_recompute.py. Needs python3 and numpy; without numpy the numeric cases are skipped.
"""
import contextlib
import gzip
import io
import json
import math
import os
import random
import sys
import tempfile
import unittest
from fractions import Fraction

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import recompute as rc

np = rc.np
needs_numpy = unittest.skipIf(np is None, 'numpy is not installed: the recomputation is not tested')
NINE_TO_ONE = Fraction(9), Fraction(1)


def log_of(seconds, counts):
    """A log from {(region, resource): counts per interval}; the first and the last interval hold a row of zero at least."""
    rows = [(t * seconds, region.encode(), resource.encode(), count)
            for (region, resource), row in counts.items() for t, count in enumerate(row) if count or t in (0, len(row) - 1)]
    return rc.Log(rows, seconds)


def scores(log, budget='none', lead=1, warmup='0.5', ratio=NINE_TO_ONE):
    return rc.evaluate(log, lead, rc.parse_share(warmup), ratio, [rc.parse_budget(budget)])[0]


def written(folder, name, text):
    path = os.path.join(folder, name)
    with (gzip.open if name.endswith('.gz') else open)(path, 'wt', encoding='utf-8') as stream:
        stream.write(text)
    return path


def run(*argv):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = rc.main(list(argv))
    return code, out.getvalue(), err.getvalue()


class Options(unittest.TestCase):
    def test_intervals_divide_a_day(self):
        self.assertEqual([rc.parse_interval(t) for t in ('15m', '300', '300s', '1h')], [900, 300, 300, 3600])
        for text in ('7m', '0', 'x'):
            with self.assertRaises(rc.InputError):
                rc.parse_interval(text)

    def test_an_item_without_a_role_continues_the_last(self):
        self.assertEqual(rc.parse_columns('time=date+hour,count=a,b,region=r'),
                         {'time': ['date', 'hour'], 'count': ['a', 'b'], 'region': ['r']})

    def test_times_are_utc_unless_they_have_an_offset(self):
        for text in ('1970-01-02', '1970-01-02 00:00', '1970-01-02T00:00:00Z', '1970-01-02T02:00:00+02:00', '86400', '86400.9'):
            self.assertEqual(rc.parse_time(text), 86400, text)
        self.assertEqual(rc.parse_time('2/1/1970', '%d/%m/%Y'), 86400)

    def test_counts_round_half_up_and_refuse_what_is_no_count(self):
        self.assertEqual([rc.parse_count(t) for t in ('0.49', '0.5', '1.5', '2.5', '3', '')], [0, 1, 2, 3, 3, None])
        for text in ('x', '-1', 'nan', 'inf'):
            with self.assertRaises(ValueError):
                rc.parse_count(text)

    def test_a_budget_is_at_least_one_and_rounds_up(self):
        half = rc.parse_budget('0.5x')
        self.assertEqual([rc.region_budget(half, total, 10) for total in (0, 20, 21, 41)], [1, 1, 2, 3])
        self.assertEqual(rc.region_budget(rc.parse_budget('1.1x'), 100, 10), 11)  # 11 exactly, not 12
        self.assertEqual(rc.region_budget(rc.parse_budget('7'), 100, 10), 7)
        self.assertIsNone(rc.region_budget(rc.parse_budget('none'), 100, 10))


@needs_numpy
class Reading(unittest.TestCase):
    def test_rows_are_selected_mapped_and_counted(self):
        with tempfile.TemporaryDirectory() as folder:
            path = written(folder, 'log.csv.gz', 'when,what,where,kind\n'
                           '1970-01-01 00:16,"a,b",x,j\n1970-01-01 00:31,c,,j\n1970-01-01 00:44,c,,j\n'
                           '1970-01-01 05:00,c,x,m\nyesterday,c,x,j\n1970-01-01 00:45\n')
            log = rc.read_log(path, 'time=when,resource=what,region=where', ['kind=j*'], 900)
        self.assertEqual((log.rows_read, log.rows, log.bad_rows, log.first, log.length), (6, 3, 2, 1, 2))
        self.assertEqual([(r, n, d.tolist()) for r, n, d in log.regions()], [(b'', [b'c'], [[0, 2]]), (b'x', [b'a,b'], [[1, 0]])])

    def test_without_roles_there_is_one_key_and_counts_add_up(self):
        with tempfile.TemporaryDirectory() as folder:
            path = written(folder, 'log.csv', 'd,h,a,b\n1970-01-01,23,1.5,7\n1970-01-02,0,1,0\n')
            log = rc.read_log(path, 'time=d+h,count=a', [], 3600)
            self.assertEqual([(r, n, d.tolist()) for r, n, d in log.regions()], [(b'', [b''], [[2, 1]])])
            log = rc.read_log(path, 'time=d+h,count=a,b', [], 3600)
            self.assertEqual([(n, d.tolist()) for _, n, d in log.regions()], [([b'a', b'b'], [[2, 1], [7, 0]])])

    def test_an_empty_count_leaves_a_cell_open_unless_another_row_counts_it(self):
        with tempfile.TemporaryDirectory() as folder:
            path = written(folder, 'log.csv', 't,r,n\n300,a,1\n600,a,\n600,b,\n610,b,0\n900,a,\n910,a,2\n1200,c,\n1500,a,1\n'
                           '0,a,\n1800,a,\n')  # the last two lie outside: nothing is counted there
            log = rc.read_log(path, 'time=t,resource=r,count=n', [], 300)
        self.assertEqual((log.first, log.length, log.keys), (1, 5, [(b'', b'a'), (b'', b'b'), (b'', b'c')]))
        self.assertEqual(log.open, {(0, 1), (2, 3)})
        self.assertEqual(log.known(b'', [b'a', b'b', b'c']).tolist(), [[1, 0, 1, 1, 1], [1, 1, 1, 1, 1], [1, 1, 1, 0, 1]])

    def test_what_is_left_open_is_in_no_sum_but_takes_its_share_of_a_budget(self):
        # Two intervals a day. `a` repeats 4 and 0; on the third day its 4 is left open, and on the fourth as well.
        rows = [(t * 43200, b'r', b'a', [4, 0][t % 2]) for t in range(8)] + [(t * 43200, b'r', b'b', 4) for t in range(8)]
        opened = [(t, r, n, None if n == b'a' and t in (4 * 43200, 6 * 43200) else c) for t, r, n, c in rows]
        zeros = [(t, r, n, 0 if c is None else c) for t, r, n, c in opened]
        whole, left, zero = (scores(rc.Log(x, 43200), lead=0) for x in (rows, opened, zeros))
        self.assertEqual([x['log']['left_out_key_intervals'] for x in (whole, left, zero)], [0, 2, 0])
        # last-day holds 4 for `a` in the fifth interval, and 0 in the seventh: it looks back on what is open.
        self.assertEqual([x['policies']['last-day']['waste_unit_intervals'] for x in (whole, left, zero)], [0, 0, 4])
        self.assertEqual([x['policies']['last-day']['requests'] for x in (whole, left, zero)], [24, 16, 16])
        self.assertEqual([x['policies']['static-q']['waste_unit_intervals'] for x in (whole, left, zero)], [8, 8, 16])
        # Under a budget of 4 each gets 2 in the fifth interval; those of `b` are used, those of `a` are not scored.
        left, zero = (scores(rc.Log(x, 43200), lead=0, budget='4')['policies']['last-day'] for x in (opened, zeros))
        self.assertEqual((left['warm'], left['waste_unit_intervals']), (14, 0))
        self.assertEqual((zero['warm'], zero['waste_unit_intervals']), (14, 2))


@needs_numpy
class Yardsticks(unittest.TestCase):
    def rows(self, *rows):
        return np.array(rows, dtype=np.int64)

    def test_reactive_knows_nothing_after_t_minus_lead_minus_one(self):
        demand = self.rows([5, 1, 0, 2, 0, 0])
        self.assertEqual(rc.keepalive(demand, 1, 1).tolist(), [[0, 0, 5, 1, 0, 2]])
        self.assertEqual(rc.keepalive(demand, 1, 0).tolist(), [[0, 5, 1, 0, 2, 0]])
        self.assertEqual(rc.keepalive(demand, 3, 1).tolist(), [[0, 0, 5, 5, 5, 2]])

    def test_fractiles_take_the_ceiling_of_tau_n(self):
        self.assertEqual([rc.rank(Fraction(9, 10), n) for n in (1, 10, 11, 14, 20)], [1, 9, 10, 13, 18])
        demand = self.rows([4, 0, 3, 1, 9, 9, 9, 9, 9, 9])
        self.assertEqual(rc.static_fractile(demand, 4, Fraction(1, 2))[0, 0], 1)
        self.assertEqual(rc.static_fractile(demand, 4, Fraction(3, 4))[0, 0], 3)

    def test_time_of_day_uses_only_days_that_exist(self):
        demand = self.rows([1, 10, 2, 20, 3, 30, 0, 0])  # two intervals a day
        self.assertEqual(rc.time_of_day(demand, 2, Fraction(1, 2)).tolist(), [[0, 0, 1, 10, 1, 10, 2, 20]])
        self.assertEqual(rc.time_of_day(demand, 2, Fraction(9, 10)).tolist(), [[0, 0, 1, 10, 2, 20, 3, 30]])
        self.assertEqual(rc.time_of_day(demand, 2, Fraction(9, 10), days=1).tolist(), [[0, 0, 1, 10, 2, 20, 3, 30]])

    def test_headroom_rounds_up_but_not_what_is_whole(self):
        x = self.rows([0, 1, 3, 4])
        self.assertEqual([rc.with_headroom(x, q).tolist()[0] for q in (4, 5, 6, 8, 12)],
                         [[0, 1, 3, 4], [0, 2, 4, 5], [0, 2, 5, 6], [0, 2, 6, 8], [0, 3, 9, 12]])

    def test_largest_remainder_gives_ties_to_the_smaller_turn(self):
        def one(budget, *column):
            return rc.cut(self.rows(*[[x] for x in column]), budget, np.arange(len(column))[:, None])[:, 0].tolist()
        self.assertEqual(one(7, 3, 2, 2), [3, 2, 2])     # not over
        self.assertEqual(one(4, 3, 2, 2), [2, 1, 1])     # quotas 12/7, 8/7, 8/7
        self.assertEqual(one(3, 3, 2, 2), [1, 1, 1])     # quotas 9/7, 6/7, 6/7: remainders 2, 6, 6
        self.assertEqual(one(2, 1, 1, 1), [1, 1, 0])     # all equal
        self.assertEqual(one(1, 0, 1, 5, 5), [0, 0, 1, 0])
        self.assertEqual(one(0, 3, 2), [0, 0])
        alike, turn = self.rows([1, 1], [1, 1]), np.array([[0, 1], [1, 0]])
        self.assertEqual(rc.cut(alike, 1, turn).tolist(), [[1, 0], [0, 1]])  # intervals are cut one by one

    def test_everybody_gets_a_turn(self):
        turn = rc.turns([b'a', b'b', b'c', b'd'], np.arange(4000))
        first = np.bincount(turn.argmin(axis=0), minlength=4)
        self.assertTrue((abs(first - 1000) < 150).all(), first)


@needs_numpy
class Scores(unittest.TestCase):
    def test_a_log_by_hand(self):
        # one key, four intervals of 6 h, evaluation = intervals 2 and 3, lead 1
        result = scores(log_of(21600, {('r', 'a'): [4, 2, 3, 5]}))
        policies = result['policies']
        want = {'none': (8, 0, 72),
                'reactive': (3, 1, 28),      # 4, 2
                'keepalive-3': (1, 1, 10),   # 4, 4
                'last-day': (8, 0, 72),      # a day is four intervals: nothing yet
                'static-q': (1, 1, 10),      # warm-up 2, 4: the ceil(1.8)-th smallest is 4
                'oracle': (0, 0, 0)}
        for name, (cold, waste, cost) in want.items():
            self.assertEqual((policies[name]['cold'], policies[name]['waste_unit_intervals'], policies[name]['cost']),
                             (cold, waste, cost), name)
        self.assertEqual(policies['reactive']['allocated_unit_intervals'], 6)
        self.assertEqual(policies['reactive']['cost_per_request'], 3.5)
        self.assertEqual(policies['reactive']['warm_ratio'], 0.625)
        self.assertEqual(policies['reactive']['regret_field'], 2.8)
        self.assertEqual(policies['none']['cost_none_over_best'], 7.2)
        self.assertEqual((result['best_field'], result['log']['evaluation_start']), ('keepalive-3', 2))

    def test_the_oracle_of_a_budget_serves_what_fits(self):
        counts = {('r', 'a'): [0, 0, 2, 0], ('r', 'b'): [0, 0, 3, 1], ('s', 'a'): [1, 0, 0, 0]}
        result = scores(log_of(21600, counts), budget='1.0x')  # r: ceil(6 / 2) = 3, s: at least 1
        oracle = result['policies']['oracle']
        self.assertEqual((oracle['cold'], oracle['waste_unit_intervals'], oracle['allocated_unit_intervals']), (2, 0, 4))
        self.assertEqual(result['settings']['budget_units_over_regions'], 4)

    def test_tuning_sees_the_warm_up_part_only(self):
        # A period of 1, 1, 1, 2. Per period, W=1 costs one cold and one waste, W=3 two waste, W=6 three: W=3 wins. What
        # follows would be won by others.
        for rest in ([0] * 95 + [1], [9, 0, 0, 0] * 24):
            tuned = scores(log_of(3600, {('r', 'a'): [1, 1, 1, 2] * 24 + rest}))['tuned']
            self.assertEqual(tuned['reactive-tuned'], {'window': 3, 'headroom': 1.0})

    def test_of_equal_candidates_the_first_is_kept(self):
        tuned = scores(log_of(3600, {('r', 'a'): [0] * 9 + [1]}))['tuned']
        self.assertEqual(tuned, {'reactive-tuned': {'window': 1, 'headroom': 1.0}, 'last-week-tuned': {'headroom': 1.0}})

    def test_regret_is_null_when_the_oracle_leaves_too_little(self):
        self.assertIsNone(rc.regret(Fraction(99), Fraction(95), Fraction(100)))
        self.assertIsNone(rc.regret(Fraction(0), Fraction(0), Fraction(0)))
        self.assertEqual(rc.regret(Fraction(95), Fraction(90), Fraction(100)), 0.5)

    def test_a_lead_of_a_day_is_refused(self):
        with self.assertRaises(rc.InputError):
            scores(log_of(21600, {('r', 'a'): [1, 1, 1, 1]}), lead=4)

    def test_vectors_equal_slow_loops(self):
        for seed in range(12):
            with self.subTest(seed=seed):
                self.check_against_loops(random.Random(seed))

    def check_against_loops(self, source):
        seconds = source.choice([3600, 7200, 21600])
        day, length = 86400 // seconds, source.randint(5, 420)
        lead = source.randint(0, min(3, day - 1))
        ratio = source.choice([NINE_TO_ONE, (Fraction(4), Fraction(1)), (Fraction('2.5'), Fraction('0.5'))])
        warmup = source.choice(['0.5', '0.3', '60%', '0'])
        budget = source.choice(['none', '1.0x', '0.5x', '2', '1.3x'])
        level = source.choice([1, 3, 30])
        counts = {(region, resource): [max(0, int(source.gauss(0, level) + (level if t % day < 3 else 0))) for t in range(length)]
                  for region in 'rs' for resource in source.sample(['b', 'a', 'Z', 'é', 'zz'], source.randint(1, 5))}
        result = scores(log_of(seconds, counts), budget, lead, warmup, ratio)
        slow = slow_scores(counts, day, length, lead, math.floor(rc.parse_share(warmup) * length), ratio, rc.parse_budget(budget))
        for name, want in slow.items():
            got = result['policies'][name]
            self.assertEqual((got['cold'], got['waste_unit_intervals'], got['allocated_unit_intervals']), want, name)


def slow_turn(name, interval):
    """When a resource is served among equals: FNV-1a and SplitMix64 in whole numbers, as published."""
    def scrambled(x):
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9 % 2 ** 64
        x = (x ^ (x >> 27)) * 0x94d049bb133111eb % 2 ** 64
        return x ^ (x >> 31)
    value = 0xcbf29ce484222325
    for byte in name.encode():
        value = (value ^ byte) * 0x100000001b3 % 2 ** 64
    return scrambled((scrambled(value) + 0x9e3779b97f4a7c15 * interval) % 2 ** 64)


def slow_scores(counts, day, length, lead, start, ratio, budget):
    """The definitions, one interval at a time, without numpy: {policy: (cold, waste, allocated)}."""
    tau = ratio[0] / (ratio[0] + ratio[1])

    def at(d, t):
        return d[t] if 0 <= t < length else 0

    def window(d, t, w):
        return max(at(d, t - lead - i) for i in range(1, w + 1))

    def fractile(values):
        values = sorted(values)
        return next((v for i, v in enumerate(values, 1) if i >= tau * len(values)), 0)

    def cost(allocate, begin, end):
        return sum(ratio[0] * max(0, d[t] - allocate(d, t)) + ratio[1] * max(0, allocate(d, t) - d[t])
                   for d in counts.values() for t in range(begin, end))

    def scaled(h, x):
        return math.ceil(h * x - 1e-9)

    heads = [1, 1.25, 1.5, 2, 3]
    best = min(((cost(lambda d, t: scaled(h, window(d, t, w)), 0, start), w, h) for w in (1, 3, 6, 12, 48, 288) for h in heads))
    week = min((cost(lambda d, t: scaled(h, at(d, t - 7 * day)), 0, start), h) for h in heads)
    policies = {
        'none': lambda d, t: 0,
        'reactive': lambda d, t: at(d, t - lead - 1),
        'keepalive-3': lambda d, t: window(d, t, 3),
        'keepalive-6': lambda d, t: window(d, t, 6),
        'keepalive-12': lambda d, t: window(d, t, 12),
        'last-day': lambda d, t: at(d, t - day),
        'last-week': lambda d, t: at(d, t - 7 * day),
        'static-q': lambda d, t: fractile(d[:start]),
        'tod14': lambda d, t: fractile([d[t - j * day] for j in range(1, 15) if t - j * day >= 0]),
        'reactive-tuned': lambda d, t: scaled(best[2], window(d, t, best[1])),
        'last-week-tuned': lambda d, t: scaled(week[1], at(d, t - 7 * day)),
    }
    sums = {name: [0, 0, 0] for name in [*policies, 'oracle']}
    for region in {r for r, _ in counts}:
        keys = sorted((k for k in counts if k[0] == region), key=lambda k: k[1].encode())
        total = sum(sum(counts[k][start:]) for k in keys)
        limit = None
        if budget is not None:
            limit = budget[1] if budget[0] == 'units' else max(1, math.ceil(float(budget[1]) * total / (length - start) - 1e-9))
        for t in range(start, length):
            demand = [counts[k][t] for k in keys]
            served = sum(demand) if limit is None else min(limit, sum(demand))
            sums['oracle'][0] += sum(demand) - served
            sums['oracle'][2] += served
            for name, allocate in policies.items():
                units = [allocate(counts[k], t) for k in keys]
                if limit is not None and sum(units) > limit:
                    quotas = [Fraction(a * limit, sum(units)) for a in units]
                    units = [math.floor(q) for q in quotas]
                    ranked = sorted(range(len(keys)), key=lambda i: (units[i] - quotas[i], slow_turn(keys[i][1], t)))
                    for i in ranked[:limit - sum(units)]:
                        units[i] += 1
                for d, a in zip(demand, units):
                    sums[name][0] += max(0, d - a)
                    sums[name][1] += max(0, a - d)
                    sums[name][2] += a
    return {name: tuple(s) for name, s in sums.items()}


@needs_numpy
class Comparison(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.log = written(folder.name, 'log.csv', 't,n\n0,4\n21600,2\n43200,3\n64800,5\n')
        self.args = [self.log, '--columns', 'time=t,count=n', '--interval', '6h']
        self.card = os.path.join(folder.name, 'card.json')
        self.assertEqual(run(*self.args, '--json', self.card)[0], 0)

    def changed(self, change):
        with open(self.card, encoding='utf-8') as stream:
            card = json.load(stream)
        change(card['policies'])
        return run(*self.args, '--compare', written(self.folder, 'changed.json', json.dumps(card)))

    def test_a_scorecard_agrees_with_itself(self):
        code, out, _ = run(*self.args, '--compare', self.card)
        self.assertEqual(code, 0)
        self.assertIn('12 policies agree', out)

    def test_a_unit_too_many_is_found(self):
        code, out, _ = self.changed(lambda p: p['last-day'].update(cold=p['last-day']['cold'] + 1))
        self.assertEqual(code, 1)
        self.assertIn('1 values differ', out)

    def test_a_missing_value_is_found(self):
        self.assertEqual(self.changed(lambda p: p['none'].pop('cost'))[0], 1)

    def test_null_is_no_regret(self):
        self.assertEqual(self.changed(lambda p: p['none'].update(regret_field=None))[0], 1)

    def test_other_policies_are_listed(self):
        code, out, _ = self.changed(lambda p: p.pop('tod14'))
        self.assertEqual(code, 0)
        self.assertIn('only here: tod14', out)

    def test_a_policy_of_its_own_must_keep_the_identities(self):
        mine = {'requests': 8, 'cold': 1, 'warm': 7, 'waste_unit_intervals': 2, 'allocated_unit_intervals': 9, 'cost': 11,
                'cost_per_request': 1.375, 'regret_field': 1.1, 'regret_strict': None}
        self.assertEqual(self.changed(lambda p: p.update(cost=mine | {'regret_strict': 1.1}))[0], 0)
        self.assertEqual(self.changed(lambda p: p.update(cost=mine))[0], 1)  # null, but the oracle leaves plenty
        code, out, _ = self.changed(lambda p: p.update(cost=mine | {'regret_strict': 1.1, 'allocated_unit_intervals': 8}))
        self.assertEqual(code, 1)
        self.assertIn('allocated_unit_intervals', out)


class Greedy(unittest.TestCase):
    def candidate(self, resource, p, tie=0, cap=None):
        return {'resource': resource, 'cap': len(p) if cap is None else cap, 'p': p, 'tie': tie}

    def test_the_largest_benefits_win_within_the_caps(self):
        a, b = self.candidate('a', [0.9, 0.5, 0.2]), self.candidate('b', [0.8, 0.6, 0.55], cap=2)
        self.assertEqual([rc.greedy([a, b], n) for n in range(6)], [[0, 0], [1, 0], [1, 1], [1, 2], [2, 2], [3, 2]])
        self.assertEqual(rc.greedy([a, b], 100), [3, 2])
        self.assertEqual(rc.greedy([a, b], None), [3, 2])
        self.assertEqual(rc.margin([a, b], 2), (0.8, 0.6))

    def test_ties_go_to_the_smaller_hash_then_the_smaller_j(self):
        a, b = self.candidate('a', [0.5, 0.5], tie=9), self.candidate('b', [0.5, 0.5], tie='0x2')
        self.assertEqual([rc.greedy([a, b], n) for n in (1, 2, 3)], [[0, 1], [0, 2], [1, 2]])
        c, d = self.candidate('d', [0.5]), self.candidate('c', [0.5])
        self.assertEqual(rc.greedy([c, d], 1), [0, 1])

    def test_probabilities_that_grow_or_lack_are_refused(self):
        for bad in (self.candidate('a', [0.1, 0.2]), self.candidate('a', [0.1], cap=2)):
            with self.assertRaises(rc.InputError):
                rc.greedy([bad], 1)

    def test_a_dump_is_held_against_the_greedy(self):
        lines = [{'region': 'r', 'budget': 1}, {'region': 'r', 'interval': 8, 'budget': 2}]
        for interval in (7, 8):
            lines += [{'region': 'r', 'interval': interval, 'resource': x, 'cap': 1, 'p': [p], 'tie': 0, 'allocated': n}
                      for x, p, n in (('a', 0.3, interval - 7), ('b', 0.4, 1))]
        with tempfile.TemporaryDirectory() as folder:
            dump = written(folder, 'dump.jsonl', '\n'.join(map(json.dumps, lines)))
            code, out, err = run('greedy', dump)
            self.assertEqual((code, err), (0, '4 of 4 allocations agree\n'))
            self.assertEqual([json.loads(line)['allocated'] for line in out.splitlines()], [0, 1, 1, 1])
            lines[2]['allocated'] = 1
            code, _, err = run('greedy', written(folder, 'dump.jsonl', '\n'.join(map(json.dumps, lines))))
        self.assertEqual(code, 1)
        self.assertIn('greedy 0, dump 1, P of the last taken and the first left 0.4 0.3', err)


class Stored(unittest.TestCase):
    def test_the_stored_results_hold_the_published_values(self):
        with open(os.path.join(HERE, 'expected.json'), encoding='utf-8') as stream:
            logs = json.load(stream)['logs']
        self.assertEqual(set(logs), set(rc.LOGS))
        for name, (*_, budgets, values) in rc.LOGS.items():
            self.assertEqual(list(logs[name]), ['none', *budgets])
            for policy, want in zip(rc.CHECKED, values):
                got = logs[name]['none']['policies'][policy]['cost_per_request']
                self.assertLessEqual(abs(got - want), 5e-6 * want, f'{name} {policy}')


if __name__ == '__main__':
    if np is None:
        print('numpy is not installed (Debian: python3-numpy): only the cases without it are run', file=sys.stderr)
    unittest.main()
