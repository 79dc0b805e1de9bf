#!/usr/bin/env python3
"""Time zones: days that repeat in local time are forecast through a change of daylight saving when their zone is told.

Usage: time_zone_test.py FORESTAGE [unittest arguments]
"""
import datetime
import math
import random
import zoneinfo

import support
from support import FAILED, OK, SEED, USAGE

# Clocks go forward on 10 March 2024 in America, on 31 March in Europe.
FIRST, CHANGE, LAST = (datetime.datetime(2024, *day, tzinfo=datetime.timezone.utc) for day in ((2, 26), (3, 31), (4, 7)))
ZONES = {'eu-1': 'Europe/Berlin', 'eu-2': 'Europe/Berlin', 'us-1': 'America/New_York'}
RULES = ['--time-zone', 'eu-*=Europe/Berlin', '--time-zone', 'us-*=America/New_York']


def local_rate(local):
    """Requests an hour of an office that opens at nine."""
    if local.weekday() >= 5:
        return 2
    return 2 + 40 * math.exp(-((local.hour + local.minute / 60 - 13) / 4) ** 8)


class TimeZones(support.TestCase):
    def local_log(self, zones=None, minutes=60):
        chance = random.Random(SEED)
        rows, at = [], FIRST
        while at < LAST:
            for region, zone in (zones or ZONES).items():
                rate = local_rate(at.astimezone(zoneinfo.ZoneInfo(zone))) * minutes / 60
                for resource in ('a', 'b'):
                    count = max(0, round(chance.gauss(rate, math.sqrt(rate) / 2)))
                    rows.append(f'{at:%Y-%m-%dT%H:%M:%SZ},{resource},{region},{count}\n')
            at += datetime.timedelta(minutes=minutes)
        log = self.path / 'local.csv'
        log.write_text('time,resource,region,count\n' + ''.join(rows))
        return log

    def test_the_week_after_a_change_costs_less_when_the_zone_is_told(self):
        log = self.local_log()
        # The evaluation part is the week after Europe's change.
        share = (CHANGE - FIRST) / (LAST - FIRST)
        common = ['--interval', '1h', '--warmup', repr(share)]
        cost = {told: self.card(log, *common, *rules)['policies']['cost']['cost'] for told, rules in
                (('none', []), ('zones', RULES), ('one', ['--time-zone', 'Europe/Berlin']))}
        print('cost of the week after the change:', cost, flush=True)
        self.assertLess(cost['zones'], .8 * cost['none'])
        # New York did not change that week: its own zone is what it needs.
        self.assertLessEqual(cost['zones'], 1.1 * cost['one'])

    def test_zones_change_nothing_by_shards_threads_or_restart(self):
        log = self.local_log()
        common = ['--interval', '1h', '--budget', '0.9x', *RULES]
        card = self.card_bytes(log, *common)
        self.assertEqual(self.card_bytes(log, *common, '--shards', 3, '--threads', 1), card)
        data = self.path / 'run'
        self.assertEqual(self.card_bytes(log, *common, '--data-dir', data), card)
        self.assertEqual(self.card_bytes(log, *common, '--data-dir', data, '--resume'), card)
        done = self.replay(log, '--interval', '1h', '--budget', '0.9x', '--data-dir', data, '--resume', code=FAILED)
        self.assertIn('other settings', done.stderr)

    def test_utc_is_the_zone_of_those_who_say_none(self):
        log = self.local_log()
        plain, told = self.card(log, '--interval', '1h'), self.card(log, '--interval', '1h', '--time-zone', 'UTC')
        self.assertEqual(told['settings'].pop('time_zones'), ['UTC'])
        self.assertEqual(plain, told)

    def test_half_hours_from_utc_work_with_hours(self):
        log = self.local_log({'in': 'Asia/Kolkata', 'ca': 'America/St_Johns'})
        done = self.replay(log, '--interval', '1h', '--time-zone', 'in=Asia/Kolkata', '--time-zone', 'America/St_Johns')
        self.assertIn('days and weeks follow in=Asia/Kolkata, America/St_Johns', done.stdout)

    def test_wrong_zones_are_refused_and_patterns_without_a_region_are_said(self):
        log = self.local_log()
        for wrong, says in (('Europe/Brelin', 'Europe/Berlin'), ('eu-*=Berlin', 'Europe/Berlin'), ('eu-*=', '/usr/share/zoneinfo'),
                            ('', '/usr/share/zoneinfo')):
            done = self.replay(log, '--time-zone', wrong, code=USAGE)
            self.assertIn('--time-zone', done.stderr)
            self.assertIn(says, done.stderr)
        self.assertIn('given already', self.replay(log, '--time-zone', 'UTC', '--time-zone', 'Asia/Tokyo', code=USAGE).stderr)
        done = self.replay(log, '--interval', '1h', *RULES, '--time-zone', 'eu-1=Asia/Tokyo', '--time-zone', 'zz=UTC', code=OK)
        self.assertIn("'eu-1=Asia/Tokyo' matches no region", done.stderr)
        self.assertIn("'zz=UTC' matches no region", done.stderr)


if __name__ == '__main__':
    support.main()
