#!/usr/bin/env python3
"""kill -9 at random moments under load: what a node has acknowledged is counted exactly once, whatever its services and agents send again.

Usage: crash_test.py FORESTAGE [unittest arguments]; FORESTAGE_TEST_SCALE=long kills 200 times instead of 12.
"""
import collections
import random
import sys
import threading
import time

from agent_wire import AgentWire
from node_process import NodeCase, NotThere
import support
from support import LONG, OK, SEED

sys.path.insert(0, str(support.SOURCE / 'tests/integration/replay'))
from demand_db import DemandDb

KILLS = 200 if LONG else 12
SERVICES, AGENTS = 3, 3


class Service(threading.Thread):
    """Sends batches, each until it is acknowledged; what it sent is what must be counted."""

    def __init__(self, node, number, stop):
        super().__init__(daemon=True)
        self.node, self.number, self.stop = node, number, stop
        self.random = random.Random(f'{SEED} {number}')
        self.sent = collections.Counter()
        self.acknowledged = self.attempts = self.repeated = self.odd = 0
        self.wrong = None

    def run(self):
        try:
            sequence = 0
            while not self.stop.is_set():
                sequence += 1
                # Its own time, so that a batch that is sent again counts where it would have counted.
                events = [{'resource': f'room/{self.random.randrange(40)}', 'region': self.random.choice(['eu', 'us']),
                           'time': int(time.time() * 1000), 'count': self.random.randint(1, 3)} for _ in range(self.random.randint(1, 6))]
                self.until_acknowledged(sequence, events)
                for e in events:
                    self.sent[e['resource'], e['region']] += e['count']
                    self.acknowledged += e['count']
        except Exception as failure:  # shown by the test: a thread has nobody else to tell
            self.wrong = failure

    def until_acknowledged(self, sequence, events):
        while True:
            self.attempts += 1
            try:
                status, answer = self.node.post(events, session=f'service-{self.number}', sequence=sequence)
            except NotThere:
                time.sleep(0.01)
                continue
            if status == 200:
                self.repeated += answer['repeated']
                return
            if status != 503:
                raise AssertionError((status, answer))
            self.odd += 1
            time.sleep(0.01)


class Agent(Service):
    """The same over the agent protocol: reports of one session, sent again after every reconnect."""
    wire = None

    def run(self):
        super().run()
        if self.wire is not None:
            self.wire.socket.close()

    def until_acknowledged(self, sequence, events):
        base = events[0]['time']
        region = f'agents-{self.number}'  # an agent is in one place
        for e in events:
            e['region'], e['time'] = region, base
        while True:
            self.attempts += 1
            try:
                if self.wire is None:
                    self.wire = AgentWire(self.node.ports[0])
                    kind, what = self.wire.hello(f'session-of-agent-{self.number}', sequence, region=region)
                    if kind != 'welcome':
                        raise NotThere(str(what))
                    self.repeated += self.tried == sequence
                self.tried = sequence
                self.wire.report(sequence, [(e['resource'], e['count']) for e in events], base)
                while True:
                    kind, what = self.wire.receive()
                    if kind == 'acknowledged' and int(what['sequence']) >= sequence:
                        return
                    if kind == 'failure' and int(what.get('sequence', 0)) == sequence:
                        self.odd += 1
                        break
            except NotThere:
                if self.wire is not None:
                    self.wire.socket.close()
                    self.wire = None
                time.sleep(0.01)

    tried = 0


class Kill(NodeCase):
    def test_what_is_acknowledged_counts_once(self):
        rng = random.Random(SEED)
        node = self.node('[cluster]\nshards = 5\n')
        node.start()
        stop = threading.Event()
        services = [kind(node, i, stop) for kind, count in ((Service, SERVICES), (Agent, AGENTS)) for i in range(count)]
        for s in services:
            s.start()
        for _ in range(KILLS):
            time.sleep(rng.uniform(0, 0.6))
            node.kill()
            node.start()
        stop.set()
        for s in services:
            s.join(60)
            self.assertFalse(s.is_alive())
            self.assertIsNone(s.wrong)
        sent = sum((s.sent for s in services), collections.Counter())
        total = sum(sent.values())
        print(f'{KILLS} kills, {sum(s.attempts for s in services)} batches sent, {sum(s.repeated for s in services)} repeated, '
              f'{total} requests', flush=True)
        self.assertEqual(total, sum(s.acknowledged for s in services))
        self.assertGreater(sum(s.attempts for s in services if isinstance(s, Agent)), AGENTS)
        self.assertGreater(sum(s.repeated for s in services), 0, 'no kill came between an append and its answer')

        def accounted(status):
            r = status['requests']
            self.assertEqual(r['early'], 0)
            return r['counted'] + r['waiting'] + r['late']

        self.assertEqual(accounted(node.status()), total)
        # Every interval closes; then the counts are those of the history, resource by resource.
        status = node.wait_until(lambda s: s['requests']['waiting'] == 0, 90)
        self.assertEqual(accounted(status), total)
        self.assertEqual(node.stop(), OK)
        kept = collections.Counter()
        with DemandDb(self.path / 'forestage-data') as db:
            for (resource, region, _), count in db.rollups().items():
                kept[resource, region] += count
        self.assertEqual(sum(kept.values()), status['requests']['counted'])
        late = status['requests']['late']
        for key, count in kept.items():
            self.assertLessEqual(count, sent[key], key)
        self.assertEqual(sum((sent - kept).values()), late)
        # … and again after an orderly end.
        node.start()
        self.assertEqual(accounted(node.status()), total)
        self.assertEqual(node.stop(), OK)


if __name__ == '__main__':
    support.main()
