#!/usr/bin/env python3
"""An independent recomputation of the yardsticks and metrics of `forestage replay` (capacity kind).

Written from the definitions alone and sharing no code with the replay, so that an agreement of the two means something.
One file although long: whoever audits it reads it from top to bottom, and it imports nothing of the project.
Integers (counts, units) are exact; costs are exact fractions until they are printed. Needs python3 and numpy; `greedy`
needs python3 only. One process, one thread, nothing random.

  recompute.py LOG.csv[.gz] --columns time=COL,resource=COL,region=COL,count=COL [--where COL=GLOB]... --interval 15m
               [--lead 1] [--warmup 0.5] [--cost-ratio 9:1] [--budget none|1.0x|N] [--time-format F]
               [--json OUT] [--compare SCORECARD.json]
  recompute.py greedy DUMP.jsonl [--cost-ratio 9:1] [--budget N]
  recompute.py logs [--data DIR] [--only NAME]... [--write OUT.json] [--check EXPECTED.json]

Exit codes: 0 all well, 1 something differs, 2 usage or an input that cannot be read.

Words. L = lead; d[t] = count of a key (region, resource) in interval t; t = 0 is the interval of the first selected row,
T - 1 that of the last; evaluation = intervals floor(warmup * T) .. T - 1; d[t] = 0 for t < 0. A policy's allocation a[t]
uses d[..t-L-1] only. cold = (d - a)+, waste = (a - d)+, cost = cu * cold + co * waste.

A cell (key, interval) is left open when all its rows have an empty count. Policies look back on it as 0 and hold a[t] in it,
within a budget; it is in none of the sums. Rows with an empty count neither begin nor end the log.
"""
import argparse
import array
import csv
import datetime
import fnmatch
import gzip
import json
import math
import os
import re
import sys
from decimal import Decimal, InvalidOperation
from fractions import Fraction

try:
    import numpy as np
except ImportError:  # only `greedy` works then
    np = None

FIELD = ['reactive', 'keepalive-3', 'keepalive-6', 'keepalive-12', 'last-day', 'last-week', 'static-q']
STRICT = FIELD + ['tod14', 'reactive-tuned', 'last-week-tuned']
POLICIES = ['none'] + STRICT + ['oracle']
WINDOWS = [1, 3, 6, 12, 48, 288]
HEADROOM_QUARTERS = [4, 5, 6, 8, 12]  # 1, 1.25, 1.5, 2, 3: all are whole quarters, so ceil(h * x) is exact in integers


class InputError(Exception):
    """An input that cannot be read or does not fit the definitions."""


# ------------------------------------------------------------------------------------------------------------ options

def parse_interval(text):
    """'300', '300s', '15m', '1h' or '1d' in seconds; must divide a day (the grid starts at UTC midnight)."""
    match = re.fullmatch(r'(\d+)([smhd]?)', text)
    if not match:
        raise InputError(f'interval {text!r}: want a number with s, m, h or d')
    seconds = int(match[1]) * {'': 1, 's': 1, 'm': 60, 'h': 3600, 'd': 86400}[match[2]]
    if seconds == 0 or 86400 % seconds:
        raise InputError(f'interval {text!r} does not divide a day')
    return seconds


def parse_share(text):
    share = Fraction(text[:-1]) / 100 if text.endswith('%') else Fraction(text)
    if not 0 <= share < 1:
        raise InputError(f'warm-up {text!r}: want 0 <= share < 1')
    return share


def parse_ratio(text):
    """'9:1' as a pair of exact fractions (cost of a cold request, cost of a wasted unit-interval)."""
    under, _, over = text.partition(':')
    pair = Fraction(under), Fraction(over or '1')
    if pair[0] <= 0 or pair[1] <= 0:
        raise InputError(f'cost ratio {text!r}: both parts must be positive')
    return pair


def parse_budget(text):
    """None, ('times', m) or ('units', N)."""
    if text in (None, 'none'):
        return None
    if text.endswith('x'):
        return 'times', Fraction(text[:-1])
    return 'units', int(text)


def parse_columns(text):
    """'time=date+hour,count=a,b' as {'time': ['date', 'hour'], 'count': ['a', 'b']}: an item without '=' continues the last."""
    roles, last = {}, None
    for item in text.split(','):
        if '=' in item:
            last, _, item = item.partition('=')
            roles[last] = []
        if last is None:
            raise InputError(f'columns {text!r}: want role=column,...')
        roles[last].append(item)
    if 'time' not in roles:
        raise InputError('columns: the role time is needed')
    roles['time'] = [part for item in roles['time'] for part in item.split('+')]
    return roles


# ------------------------------------------------------------------------------------------------------------- reading

def parse_time(text, time_format=None):
    """Whole unix seconds (floor) of an ISO 8601 time (UTC unless it has an offset) or of unix seconds."""
    if time_format:
        moment = datetime.datetime.strptime(text, time_format)
    elif re.fullmatch(r'[+-]?\d+(\.\d*)?', text):
        return math.floor(Decimal(text))
    else:
        moment = datetime.datetime.fromisoformat(re.sub(r'[Zz]$', '+00:00', text.strip()))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.timezone.utc)
    delta = moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    return delta.days * 86400 + delta.seconds


def parse_count(text):
    """A count, rounded half up. None: empty, that is missing. Raises ValueError for what is no count."""
    text = text.strip()
    if not text:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError(text) from None
    if not value.is_finite() or value < 0:
        raise ValueError(text)
    return math.floor(value + Decimal('0.5'))


class Log:
    """The counts of the selected rows: events (key, interval, count) and the keys in the order of their first row.

    keys: list of (region, resource) as UTF-8 bytes. Interval numbers are relative to the interval of the first row.
    """

    def __init__(self, rows, seconds, rows_read=None, bad_rows=0):
        """rows: iterable of (unix seconds, region bytes, resource bytes, count); count None: left open."""
        self.seconds = seconds
        numbers, moments, counts = array.array('q'), array.array('q'), array.array('q')
        index, left_open = {}, set()
        for moment, region, resource, count in rows:
            key = region, resource
            number = index.setdefault(key, len(index))
            if count is None:
                left_open.add((number, moment // seconds))
                continue
            numbers.append(number)
            moments.append(moment // seconds)
            counts.append(count)
        if not moments:
            raise InputError('no row was selected')
        self.keys = list(index)
        self.key = np.array(numbers, dtype=np.int64)
        self.interval = np.array(moments, dtype=np.int64)
        self.count = np.array(counts, dtype=np.int64)
        self.first = int(self.interval.min())
        self.interval -= self.first
        self.length = int(self.interval.max()) + 1
        counted = set(zip(self.key.tolist(), (self.interval + self.first).tolist())) if left_open else set()
        self.open = {(number, t - self.first) for number, t in left_open - counted if 0 <= t - self.first < self.length}
        self.rows = len(moments)
        self.rows_read = self.rows if rows_read is None else rows_read
        self.bad_rows = bad_rows

    def known(self, region, resources):
        """1 where the count of [resource, interval] is known, else 0."""
        result = np.ones((len(resources), self.length), dtype=np.int64)
        if self.open:
            rows = {self.keys.index((region, resource)): row for row, resource in enumerate(resources)}
            for number, t in self.open:
                if number in rows:
                    result[rows[number], t] = 0
        return result

    def regions(self):
        """Yields (region, resources, counts[resource, interval]) by region; resources in byte order."""
        by_region = {}
        for number, (region, resource) in enumerate(self.keys):
            by_region.setdefault(region, []).append((resource, number))
        order = np.argsort(self.key, kind='stable')
        bounds = np.searchsorted(self.key[order], np.arange(len(self.keys) + 1))
        for region in sorted(by_region):
            members = sorted(by_region[region])
            demand = np.zeros((len(members), self.length), dtype=np.int64)
            for row, (_, number) in enumerate(members):
                part = order[bounds[number]:bounds[number + 1]]
                np.add.at(demand[row], self.interval[part], self.count[part])
            yield region, [resource for resource, _ in members], demand


def read_log(path, columns, where, seconds, time_format=None):
    """Reads a CSV file (plain or gzip, a header line first). Rows that cannot be read are counted, not used."""
    roles = parse_columns(columns)
    opener = gzip.open if path.endswith('.gz') else open
    state = {'read': 0, 'bad': 0}
    with opener(path, 'rt', encoding='utf-8-sig', errors='surrogateescape', newline='') as stream:
        log = Log(select_rows(csv.reader(stream), roles, where, time_format, state), seconds)
    log.rows_read, log.bad_rows = state['read'], state['bad']
    return log


def select_rows(reader, roles, where, time_format, state):
    header = next(reader)

    def positions(role):
        try:
            return [header.index(name) for name in roles.get(role, [])]
        except ValueError as error:
            raise InputError(f'role {role}: {error}') from None

    def single(role):
        found = positions(role)
        if len(found) > 1:
            raise InputError(f'role {role}: one column only')
        return found[0] if found else None

    at_time, at_resource, at_region, at_count = positions('time'), single('resource'), single('region'), positions('count')
    if len(at_count) > 1 and at_resource is not None:
        raise InputError('several count columns and a resource column')
    conditions = []
    for condition in where:
        name, _, glob = condition.partition('=')
        if name not in header:
            raise InputError(f'where {condition!r}: no such column')
        conditions.append((header.index(name), re.compile(fnmatch.translate(glob)).match))
    moments = {}  # logs repeat their times: parse each text once

    def moment_of(row):
        text = ' '.join(row[i] for i in at_time)
        found = moments.get(text)
        if found is None:
            if len(at_time) == 2 and not time_format and re.fullmatch(r'\d{1,2}', row[at_time[1]]):
                found = parse_time(row[at_time[0]]) + 3600 * int(row[at_time[1]])  # date + hour of the day
            else:
                found = parse_time(text, time_format)
            moments[text] = found
        return found

    def encode(text):
        return text.encode('utf-8', 'surrogateescape')

    for row in reader:
        if not row:
            continue
        state['read'] += 1
        try:
            if not all(match(row[i]) for i, match in conditions):
                continue
            moment = moment_of(row)
            region = encode(row[at_region]) if at_region is not None else b''
            resource = encode(row[at_resource]) if at_resource is not None else b''
            counts = [parse_count(row[i]) for i in at_count]
        except (ValueError, IndexError, OverflowError):
            state['bad'] += 1
            continue
        if not counts:
            yield moment, region, resource, 1
        for i, count in zip(at_count, counts):
            yield moment, region, encode(header[i]) if len(at_count) > 1 else resource, count


# ---------------------------------------------------------------------------------------------------------- yardsticks
# Each takes counts[key, interval] and returns allocations of the same shape, for every interval.

def shifted(demand, steps):
    """d[t - steps], 0 before the first interval."""
    result = np.zeros_like(demand)
    if steps < demand.shape[1]:
        result[:, steps:] = demand[:, :demand.shape[1] - steps]
    return result


def keepalive(demand, window, lead):
    """max of d[t-L-window .. t-L-1]."""
    widest, width = shifted(demand, lead + 1), 1
    while width < window:  # the maximum over 2 w intervals is that of two windows of w, which may overlap
        step = min(width, window - width)
        widest = np.maximum(widest, shifted(widest, step))
        width += step
    return widest


def rank(tau, n):
    """The 1-based rank of the fractile: ceil(tau * n), exactly."""
    return max(1, math.ceil(tau * n))


def static_fractile(demand, start, tau):
    if start == 0:
        return np.zeros_like(demand)
    level = np.sort(demand[:, :start], axis=1)[:, rank(tau, start) - 1]
    return np.broadcast_to(level[:, None], demand.shape)


def time_of_day(demand, day, tau, days=14):
    """The ceil(tau n)-th smallest of the n counts d[t - j day], j = 1..14, that lie at or after interval 0; 0 when none."""
    length = demand.shape[1]
    result = np.zeros_like(demand)
    for n in range(1, days + 1):
        begin, end = n * day, length if n == days else min(length, (n + 1) * day)
        if begin >= end:
            break
        known = np.stack([demand[:, begin - j * day:end - j * day] for j in range(1, n + 1)])
        result[:, begin:end] = np.sort(known, axis=0)[rank(tau, n) - 1]
    return result


def with_headroom(allocation, quarters):
    """ceil(h x), h in quarters."""
    return -(-allocation * quarters // 4)


def scrambled(x):
    """The finalizer of SplitMix64 (Steele, Lea, Flood 2014), on an array of 64-bit numbers."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xbf58476d1ce4e5b9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94d049bb133111eb)
    return x ^ (x >> np.uint64(31))


def name_hash(name):
    """FNV-1a of the bytes, scrambled."""
    value = 0xcbf29ce484222325
    for byte in name:
        value = (value ^ byte) * 0x100000001b3 % 2 ** 64
    return scrambled(np.array([value], dtype=np.uint64))[0]


def turns(names, intervals):
    """Who comes first among equals, the smallest number, by resource and interval (counted from 1970)."""
    hashes = np.array([name_hash(name) for name in names], dtype=np.uint64)
    return scrambled(hashes[:, None] + np.uint64(0x9e3779b97f4a7c15) * np.asarray(intervals).astype(np.uint64)[None, :])


def cut(allocation, budget, turn):
    """Largest remainder: where an interval's total exceeds the budget, a B / S rounded down and the largest remainders one
    more; of equal ones those with the smallest turn."""
    total = allocation.sum(axis=0)
    over = np.flatnonzero(total > budget)
    if not len(over):
        return allocation
    scaled = allocation[:, over] * budget
    floors, remainders = scaled // total[over], scaled % total[over]
    spare = budget - floors.sum(axis=0)
    order = np.lexsort((turn[:, over], -remainders), axis=0)
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(len(allocation))[:, None].repeat(len(over), axis=1), axis=0)
    result = allocation.copy()
    result[:, over] = floors + (ranks < spare)
    return result


# ---------------------------------------------------------------------------------------------------------- evaluation

def cold_and_waste(demand, allocation):
    return int(np.maximum(demand - allocation, 0).sum()), int(np.maximum(allocation - demand, 0).sum())


def tune(log, start, lead, day, ratio):
    """The (W, h) of reactive-tuned and the h of last-week-tuned with the lowest cost over all keys on the warm-up part.
    Of equals the first stays (smaller W, then smaller h). Returns (window, quarters), quarters."""
    reactive = {(w, q): Fraction(0) for w in WINDOWS for q in HEADROOM_QUARTERS}
    weekly = {q: Fraction(0) for q in HEADROOM_QUARTERS}
    for region, resources, demand in log.regions():
        demand = demand[:, :start]
        if not demand.any():
            continue  # every allocation is zero as well and costs nothing
        known = log.known(region, resources)[:, :start]
        for window in WINDOWS:
            base = keepalive(demand, window, lead)
            for quarters in HEADROOM_QUARTERS:
                cold, waste = cold_and_waste(demand, known * with_headroom(base, quarters))
                reactive[window, quarters] += ratio[0] * cold + ratio[1] * waste
        base = shifted(demand, 7 * day)
        for quarters in HEADROOM_QUARTERS:
            cold, waste = cold_and_waste(demand, known * with_headroom(base, quarters))
            weekly[quarters] += ratio[0] * cold + ratio[1] * waste
    return min(reactive, key=reactive.get), min(weekly, key=weekly.get)


def region_budget(budget, total, intervals):
    """B of a region whose demand over the evaluation part is total; None without a budget."""
    if budget is None:
        return None
    kind, value = budget
    if kind == 'units':
        return value
    return max(1, math.ceil(value * total / intervals - Fraction(1, 10**9)))


def evaluate(log, lead, warmup, ratio, budgets):
    """Scores every policy under each of the budgets; returns one result per budget."""
    day = 86400 // log.seconds
    if day < lead + 1:
        raise InputError('the lead is not shorter than a day: last-day and tod14 would know the future')
    start = math.floor(warmup * log.length)
    intervals = log.length - start
    tau = ratio[0] / (ratio[0] + ratio[1])
    (window, quarters), week_quarters = tune(log, start, lead, day, ratio)
    sums = [{name: [0, 0, 0] for name in POLICIES} for _ in budgets]  # cold, waste, allocated
    units = [0] * len(budgets)
    requests = evaluated = 0
    for region, resources, demand in log.regions():
        known = log.known(region, resources)[:, start:]
        turn = turns(resources, log.first + start + np.arange(intervals)) if any(budgets) else None
        requests += int(demand.sum())
        real = demand[:, start:]
        total = int(real.sum())
        evaluated += total
        week = shifted(demand, 7 * day)
        allocations = {
            'none': np.zeros_like(demand),
            'reactive': keepalive(demand, 1, lead),
            'keepalive-3': keepalive(demand, 3, lead),
            'keepalive-6': keepalive(demand, 6, lead),
            'keepalive-12': keepalive(demand, 12, lead),
            'last-day': shifted(demand, day),
            'last-week': week,
            'static-q': static_fractile(demand, start, tau),
            'tod14': time_of_day(demand, day, tau),
            'reactive-tuned': with_headroom(keepalive(demand, window, lead), quarters),
            'last-week-tuned': with_headroom(week, week_quarters),
        }
        together = real.sum(axis=0)
        for number, budget in enumerate(budgets):
            limit = region_budget(budget, total, intervals)
            units[number] += limit or 0
            for name, allocation in allocations.items():
                allocation = allocation[:, start:]
                if limit is not None:
                    allocation = cut(allocation, limit, turn)
                allocation = known * allocation
                cold, waste = cold_and_waste(real, allocation)
                result = sums[number][name]
                result[0] += cold
                result[1] += waste
                result[2] += int(allocation.sum())
            served = together if limit is None else np.minimum(together, limit)
            result = sums[number]['oracle']
            result[0] += total - int(served.sum())
            result[2] += int(served.sum())
    tuned = {'reactive-tuned': {'window': window, 'headroom': quarters / 4},
             'last-week-tuned': {'headroom': week_quarters / 4}}
    return [summary(log, lead, warmup, ratio, budget, start, requests, evaluated, tuned, policies, total_units)
            for budget, policies, total_units in zip(budgets, sums, units)]


def quotient(numerator, denominator):
    return float(Fraction(numerator) / denominator) if denominator else None


def regret(cost, oracle, yardstick):
    """(C - C_oracle) / (C_yardstick - C_oracle); None when the oracle leaves less than 5 % to gain."""
    if oracle >= Fraction(95, 100) * yardstick:
        return None
    return float((cost - oracle) / (yardstick - oracle))


def summary(log, lead, warmup, ratio, budget, start, requests, evaluated, tuned, sums, total_units):
    costs = {name: ratio[0] * cold + ratio[1] * waste for name, (cold, waste, _) in sums.items()}
    best_field, best_strict = (min(names, key=costs.get) for names in (FIELD, STRICT))
    oracle = costs['oracle']
    policies = {}
    for name, (cold, waste, allocated) in sums.items():
        warm = evaluated - cold
        if allocated - waste != warm:
            raise AssertionError(f'{name}: allocated - waste is not what was warm')
        policies[name] = {
            'requests': evaluated, 'warm': warm, 'cold': cold, 'warm_ratio': quotient(warm, evaluated),
            'allocated_unit_intervals': allocated, 'waste_unit_intervals': waste,
            'waste_per_request': quotient(waste, evaluated), 'cost': float(costs[name]),
            'cost_per_request': quotient(costs[name], evaluated),
            'regret_field': regret(costs[name], oracle, costs[best_field]),
            'regret_strict': regret(costs[name], oracle, costs[best_strict]),
            'cost_none_over_best': quotient(costs['none'], costs[best_strict]),
            'precision': quotient(warm, allocated), 'coverage': quotient(warm, evaluated),
        }
    regions = {region for region, _ in log.keys}
    return {
        'log': {'rows_read': log.rows_read, 'rows': log.rows, 'bad_rows': log.bad_rows, 'requests': requests,
                'interval_seconds': log.seconds, 'intervals': log.length, 'first_interval': log.first,
                'evaluation_start': start, 'left_out_key_intervals': sum(t >= start for _, t in log.open), 'regions': len(regions),
                'resources': len({resource for _, resource in log.keys}), 'keys': len(log.keys)},
        'settings': {'lead': lead, 'warmup': float(warmup), 'cost_under': float(ratio[0]), 'cost_over': float(ratio[1]),
                     'budget': budget_name(budget), 'budget_units_over_regions': total_units if budget else None},
        'tuned': tuned,
        'best_field': best_field, 'best_strict': best_strict,
        'oracle_over_field': quotient(oracle, costs[best_field]), 'oracle_over_strict': quotient(oracle, costs[best_strict]),
        'policies': policies,
    }


def budget_name(budget):
    if budget is None:
        return None
    return f'{float(budget[1])}x' if budget[0] == 'times' else str(budget[1])


def show(result):
    log, settings, tuned = result['log'], result['settings'], result['tuned']
    print(f'{log["rows"]} rows selected of {log["rows_read"]} ({log["bad_rows"]} bad), {log["keys"]} keys in {log["regions"]} regions, '
          f'{log["intervals"]} intervals of {log["interval_seconds"]} s, evaluation from number {log["evaluation_start"]}, '
          f'budget {settings["budget"]}')
    print(f'{"policy":16} {"requests":>11} {"cold":>11} {"warm":>7} {"waste":>12} {"allocated":>12} {"cost":>13} {"cost/request":>12}')
    for name, p in result['policies'].items():
        extra = tuned.get(name, {})
        note = ' '.join(f'{key[0].upper() if key == "window" else "h"}={value:g}' for key, value in extra.items())
        print(f'{name:16} {p["requests"]:11d} {p["cold"]:11d} {p["warm_ratio"]:7.4f} {p["waste_unit_intervals"]:12d} '
              f'{p["allocated_unit_intervals"]:12d} {p["cost"]:13.10g} {p["cost_per_request"]:12.6g} {note}')
    print(f'best of the field set: {result["best_field"]} (oracle / best {result["oracle_over_field"]:.4f}), '
          f'of the strict set: {result["best_strict"]} ({result["oracle_over_strict"]:.4f})')


# ---------------------------------------------------------------------------------------------------------- comparison

EXACT = ['requests', 'warm', 'cold', 'allocated_unit_intervals', 'waste_unit_intervals']
CLOSE = ['warm_ratio', 'waste_per_request', 'cost', 'cost_per_request', 'regret_field', 'regret_strict',
         'cost_none_over_best', 'precision', 'coverage']
NEEDED = {'requests', 'cold', 'warm_ratio', 'allocated_unit_intervals', 'waste_unit_intervals', 'cost', 'cost_per_request'}
NULL_MEANS_SOMETHING = {'regret_field', 'regret_strict'}


def differs(want, got, exact):
    if want is None or got is None:
        return want is not got
    if exact:
        return want != got
    return abs(want - got) > 1e-9 * max(abs(want), abs(got))


def compare(result, scorecard):
    """Differences as (policy, field, here, there), policies only here, policies only there.

    A policy only the scorecard has (`cost`, ...) is held against the identities: warm = requests - cold =
    allocated - waste, cost and regrets from its own cold and waste and our yardsticks, never below the oracle."""
    theirs = scorecard['policies']
    found = []
    left_out = result['log']['left_out_key_intervals']
    if scorecard.get('log', {}).get('left_out_key_intervals', left_out) != left_out:
        found.append(('log', 'left_out_key_intervals', left_out, scorecard['log']['left_out_key_intervals']))
    for name in [n for n in POLICIES if n in theirs]:
        for field in EXACT + CLOSE:
            want, got = result['policies'][name][field], theirs[name].get(field)
            if field not in theirs[name] and field not in NEEDED:
                continue
            if got is None and field not in NEEDED and field not in NULL_MEANS_SOMETHING:
                continue
            if differs(want, got, field in EXACT):
                found.append((name, field, want, got))
    only_there = [n for n in theirs if n not in POLICIES]
    for name in only_there:
        found += [(name, *difference) for difference in identities(result, theirs[name])]
    return found, [n for n in POLICIES if n not in theirs], only_there


def identities(result, policy):
    """What must hold of any capacity policy, whatever it allocates."""
    ours, settings = result['policies'], result['settings']
    cold, waste = policy.get('cold'), policy.get('waste_unit_intervals')
    if cold is None or waste is None:
        return
    requests = ours['none']['requests']
    warm = requests - cold
    cost = settings['cost_under'] * cold + settings['cost_over'] * waste
    oracle = ours['oracle']['cost']
    want = {'requests': requests, 'warm': warm, 'allocated_unit_intervals': warm + waste, 'warm_ratio': quotient(warm, requests),
            'waste_per_request': quotient(Fraction(waste), requests), 'cost': cost, 'cost_per_request': cost / requests if requests else None,
            'regret_field': regret(Fraction(cost), Fraction(oracle), Fraction(ours[result['best_field']]['cost'])),
            'regret_strict': regret(Fraction(cost), Fraction(oracle), Fraction(ours[result['best_strict']]['cost'])),
            'cost_none_over_best': ours['none']['cost_none_over_best'],
            'precision': quotient(warm, warm + waste), 'coverage': quotient(warm, requests)}
    for field, value in want.items():
        got = policy.get(field)
        if got is None and not (field in NULL_MEANS_SOMETHING and field in policy):
            continue
        if differs(value, got, False):
            yield field, value, got
    if cost < oracle * (1 - 1e-9):
        yield 'cost (at least the oracle\'s)', oracle, cost


def print_comparison(result, path):
    with open(path, encoding='utf-8') as stream:
        found, only_here, only_there = compare(result, json.load(stream))
    for where, names in (('here', only_here), ('in the scorecard', only_there)):
        if names:
            print(f'only {where}: {", ".join(names)}')
    if found:
        print(f'{"policy":16} {"field":28} {"here":>22} {"scorecard":>22}')
        for name, field, want, got in found:
            print(f'{name:16} {field:28} {want!r:>22} {got!r:>22}')
        print(f'{len(found)} values differ')
    else:
        print(f'{len(POLICIES) - len(only_here)} policies agree')
    return 1 if found else 0


# -------------------------------------------------------------------------------------------------------------- greedy

def offers(candidates):
    """All units that can be had, best first: (-P(d >= j), tie, resource bytes, j, number of the candidate)."""
    found = []
    for number, c in enumerate(candidates):
        cap, p = c['cap'], c['p']
        if len(p) < cap:
            raise InputError(f'{c["resource"]!r}: {len(p)} probabilities for a cap of {cap}')
        if any(after > before + 1e-12 for before, after in zip(p[:cap], p[1:cap])):
            raise InputError(f'{c["resource"]!r}: P(d >= j) grows with j')
        resource = c['resource'].encode('utf-8', 'surrogateescape')
        found += [(-p[j - 1], tie_number(c.get('tie', 0)), resource, j, number) for j in range(1, cap + 1)]
    return sorted(found)


def greedy(candidates, budget):
    """The exact greedy of one region and interval: the `budget` largest benefits cu P(d >= j) - co (1 - P(d >= j)).

    candidates: list of dicts with resource, cap, p (p[j-1] = P(d >= j), j = 1..cap at least), tie. The benefit grows with P,
    so P itself is compared, exactly. Ties: the smaller tie first, then the smaller resource id, then the smaller j.
    No benefit is too small while the budget lasts: the caps are the policy's own word. Returns allocations in the given order."""
    caps = [c['cap'] for c in candidates]
    if budget is None or sum(caps) <= budget:
        return caps
    result = [0] * len(candidates)
    for offer in offers(candidates)[:budget]:
        result[offer[-1]] += 1
    return result


def margin(candidates, budget):
    """The P of the last unit taken and of the first left (None: there is none): how close the decision was."""
    ranked = offers(candidates)
    return tuple(-ranked[i][0] if 0 <= i < len(ranked) else None for i in (budget - 1, budget))


def tie_number(tie):
    """Hashes may come as numbers or, since JSON readers lose bits above 2^53, as text: decimal or 0x..."""
    return int(tie, 0) if isinstance(tie, str) else tie


def run_greedy(args):
    groups, budgets, order = {}, {}, []
    with (gzip.open if args.dump.endswith('.gz') else open)(args.dump, 'rt', encoding='utf-8') as stream:
        for line in stream:
            if not line.strip():
                continue
            entry = json.loads(line)
            if 'resource' not in entry:  # a budget: of a region, or of a region and an interval
                budgets[entry['region'], entry.get('interval')] = entry['budget']
                continue
            key = entry['region'], entry['interval']
            if key not in groups:
                order.append(key)
            groups.setdefault(key, []).append(entry)
    bad = checked = 0
    for key in order:
        budget = budgets.get(key, budgets.get((key[0], None), args.budget))
        allocations = greedy(groups[key], budget)
        for entry, allocated in zip(groups[key], allocations):
            print(json.dumps({'region': key[0], 'interval': key[1], 'resource': entry['resource'], 'allocated': allocated},
                             ensure_ascii=False))
            if 'allocated' in entry:
                checked += 1
                if entry['allocated'] != allocated:
                    bad += 1
                    close = '' if budget is None else ', P of the last taken and the first left %r %r' % margin(groups[key], budget)
                    print(f'differs: region {key[0]} interval {key[1]} resource {entry["resource"]}: '
                          f'greedy {allocated}, dump {entry["allocated"]}{close}', file=sys.stderr)
    if checked:
        print(f'{checked - bad} of {checked} allocations agree', file=sys.stderr)
    return 1 if bad else 0


# ---------------------------------------------------------------------------------------------------------------- logs
# The logs with published check values: cost per request of CHECKED at lead 1, 9:1, no budget, second half.

CHECKED = ['reactive', 'keepalive-6', 'last-day', 'last-week', 'static-q', 'tod14', 'reactive-tuned']
LOGS = {
    'flights': ('us_flights_2001_origins_open.csv.gz', 'time=timestamp_local,resource=destination,region=origin', [], '15m',
                ['1.0x', '0.5x'], [9.30786, 10.2987, 4.67999, 4.76102, 7.94759, 2.6911, 9.30786]),
    'w3c_join': ('irc_w3c_2012_2013.csv.gz', 'time=timestamp,resource=room,region=region', ['kind=j'], '15m',
                 ['1.0x', '0.5x'], [6.51408, 5.06488, 6.79713, 6.92296, 5.51674, 4.84083, 5.06488]),
    'raku_join': ('irc_raku_2016_2017.csv.gz', 'time=timestamp,resource=room', ['kind=j'], '15m',
                  [], [4.97356, 3.5468, 5.0499, 5.12137, 3.07716, 3.12054, 3.5468]),
    'ali': ('alibaba_genai_requests_2024.csv.gz', 'time=gmt_create,resource=checkpoint_model_version_id', [], '5m',
            ['1.0x', '0.5x'], [5.37043, 4.44423, 6.76738, 6.9564, 7.15399, 5.33559, 4.5071]),
    'wc': ('worldcup98_per_minute.csv.gz', 'time=timestamp_utc,count=requests', [], '5m',
           [], [0.401998, 0.381328, 2.39131, 2.66838, 4.8133, 2.01652, 0.381328]),
    'bank': ('bank_calls_5min.csv.gz', 'time=timestamp,count=calls', [], '5m',
             [], [0.464621, 0.303839, 2.76042, 0.925367, 2.67986, 0.793558, 0.303839]),
    'tweets': ('nab_5min.csv.gz', 'time=timestamp,resource=series,count=value', ['series=realTweets/*'], '5m',
               [], [2.17987, 1.83797, 3.8899, 3.77081, 2.89737, 2.93735, 1.69322]),
}


def run_logs(args):
    results, bad = {}, 0
    for name in args.only or LOGS:
        file, columns, where, interval, budgets, values = LOGS[name]
        log = read_log(os.path.join(args.data, file), columns, where, parse_interval(interval))
        names = ['none'] + budgets
        runs = evaluate(log, 1, Fraction(1, 2), (Fraction(9), Fraction(1)), [parse_budget(b) for b in names])
        results[name] = dict(zip(names, runs))
        for budget, run in results[name].items():
            print(f'== {name}, budget {budget}')
            show(run)
        for policy, want in zip(CHECKED, values):
            got = runs[0]['policies'][policy]['cost_per_request']
            ok = abs(got - want) <= 5e-6 * want
            bad += not ok
            print(f'{name:10} {policy:16} published {want:<10g} here {got:.10g}{"" if ok else "  DIFFERS"}')
        print(flush=True)
    if args.check:
        with open(args.check, encoding='utf-8') as stream:
            stored = json.load(stream)['logs']
        for name in results:
            for budget, run in results[name].items():
                if stored.get(name, {}).get(budget) != json.loads(json.dumps(run)):
                    bad += 1
                    print(f'{name}, budget {budget}: differs from the stored result')
    if args.write:
        command = 'python3 tests/independent/recompute.py logs --data ../shared/data --write tests/independent/expected.json'
        write_json(args.write, {'command': command, 'logs': results})
    print('all check values agree' if not bad else f'{bad} values differ')
    return 1 if bad else 0


def write_json(path, value):
    with open(path, 'w', encoding='utf-8') as stream:
        json.dump(value, stream, indent=1)
        stream.write('\n')


# ---------------------------------------------------------------------------------------------------------------- main

def main(argv):
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    data = os.path.join(os.environ.get('FORESTAGE_SHARED', os.path.join(root, '..', 'shared')), 'data')
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    if argv[:1] == ['greedy']:
        parser.add_argument('dump')
        parser.add_argument('--budget', type=int, help='of the regions whose budget the dump does not name')
        parser.add_argument('--cost-ratio', default='9:1', help='has no influence on the order; checked only')
        args = parser.parse_args(argv[1:])
        parse_ratio(args.cost_ratio)
        return run_greedy(args)
    if np is None:
        print('numpy is not installed: nothing can be recomputed', file=sys.stderr)
        return 2
    if argv[:1] == ['logs']:
        parser.add_argument('--data', default=data, help='folder of the logs; default $FORESTAGE_SHARED/data, else ../shared/data')
        parser.add_argument('--only', action='append', choices=list(LOGS))
        parser.add_argument('--write')
        parser.add_argument('--check')
        return run_logs(parser.parse_args(argv[1:]))
    parser.add_argument('log')
    parser.add_argument('--columns', required=True)
    parser.add_argument('--where', action='append', default=[])
    parser.add_argument('--interval', required=True)
    parser.add_argument('--lead', type=int, default=1)
    parser.add_argument('--warmup', default='0.5')
    parser.add_argument('--cost-ratio', default='9:1')
    parser.add_argument('--budget', default='none')
    parser.add_argument('--time-format')
    parser.add_argument('--json')
    parser.add_argument('--compare')
    args = parser.parse_args(argv)
    log = read_log(args.log, args.columns, args.where, parse_interval(args.interval), args.time_format)
    result, = evaluate(log, args.lead, parse_share(args.warmup), parse_ratio(args.cost_ratio), [parse_budget(args.budget)])
    show(result)
    if args.json:
        write_json(args.json, result)
    return print_comparison(result, args.compare) if args.compare else 0


if __name__ == '__main__':
    try:
        sys.exit(main(sys.argv[1:]))
    except (InputError, OSError, ValueError) as error:
        print(f'recompute: {error}', file=sys.stderr)
        sys.exit(2)
