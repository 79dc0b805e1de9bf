#!/usr/bin/env python3
"""Agents of a node: Hello to Goodbye over a real WebSocket, reports counted once, tokens, what is refused.

Usage: agent_test.py FORESTAGE [unittest arguments]
"""
import struct
import time

from agent_wire import BINARY, AgentWire, Closed
from node_process import NodeCase
import support
from support import OK

SESSION = 'session-that-nobody-guesses'


def now_ms():
    return int(time.time() * 1000)


class Agents(NodeCase):
    def setUp(self):
        super().setUp()
        self.running = self.node()
        self.running.start()

    def wire(self):
        wire = AgentWire(self.running.ports[0])
        self.addCleanup(wire.socket.close)
        return wire

    def waiting(self):
        return self.running.status()['requests']['waiting']

    def test_a_report_is_acknowledged_when_it_is_kept(self):
        wire = self.wire()
        kind, welcome = wire.hello(SESSION)
        self.assertEqual((kind, welcome['session'], welcome['interval_seconds']), ('welcome', SESSION, 60))
        self.assertLess(abs(int(welcome['time_ms']) - now_ms()), 60_000)
        wire.report(1, [('room/1', 2), ('room/2', 1)], now_ms())
        wire.report(2, [('room/1', 4)], now_ms())
        acknowledged = 0
        while acknowledged < 2:
            kind, what = wire.receive()
            self.assertEqual(kind, 'acknowledged')
            acknowledged = int(what['sequence'])
        self.assertEqual(self.waiting(), 7)
        # Events are those of one hour ago: kept, late.
        wire.report(3, [('room/1', 1)], now_ms() - 3_600_000)
        self.assertEqual(wire.receive(), ('acknowledged', {'sequence': '3'}))
        self.assertEqual(self.running.status()['requests']['late'], 1)
        wire.send(ping={'nonce': 7})
        self.assertEqual(wire.receive(), ('pong', {'nonce': '7'}))
        text = self.running.ask('GET', '/metrics')[1]
        for line in ('forestage_agents 1', 'forestage_agent_reports_total 3', 'forestage_agent_requests_total 8'):
            self.assertIn(line + '\n', text)

    def test_what_is_sent_again_after_a_reconnect_counts_once(self):
        events = [('room/1', 3)]
        for _ in range(3):  # as if the answer had been lost each time
            wire = self.wire()
            self.assertEqual(wire.hello(SESSION, first_report=1)[0], 'welcome')
            wire.report(1, events, now_ms())
            self.assertEqual(wire.receive(), ('acknowledged', {'sequence': '1'}))
            wire.socket.close()
        self.assertEqual(self.waiting(), 3)
        # Another agent's report 1 is another one.
        wire = self.wire()
        wire.hello(SESSION + '-other')
        wire.report(1, events, now_ms())
        wire.receive()
        self.assertEqual(self.waiting(), 6)

    def test_binary_frames_are_the_same_protocol(self):
        wire = self.wire()
        # Ping(nonce = 5): field 11 of AgentFrame, field 1 of Ping; Pong is field 7 of ProxyFrame.
        wire.send_raw(bytes([11 << 3 | 2, 2, 1 << 3, 5]), BINARY)
        first, size = wire.need(2)
        self.assertEqual((first & 15, wire.need(size)), (BINARY, bytes([7 << 3 | 2, 2, 1 << 3, 5])))

    def test_what_cannot_be_read_or_comes_out_of_turn_is_told(self):
        for frame, text in ((b'{', 'JSON'), (b'{"helo": {}}', 'helo'), (b'{"report": {"sequence": 1}}', 'begins with Hello'), (b'{}', 'kind')):
            wire = self.wire()
            wire.send_raw(frame)
            kind, goodbye = wire.receive()
            self.assertEqual(kind, 'goodbye', frame)
            self.assertIn(text, goodbye['text'])
            with self.assertRaises(Closed) as closed:
                wire.receive()
            self.assertEqual(closed.exception.code, 1008)
        wire = self.wire()
        wire.send_raw(bytes([100 << 3 & 0xff | 2, 6, 0]), BINARY)  # a field that nobody knows
        self.assertEqual(wire.need(1)[0] & 15, BINARY)
        wire = self.wire()
        kind, goodbye = wire.hello('short')
        self.assertEqual(kind, 'goodbye')
        self.assertIn('16', goodbye['text'])

    def test_events_that_make_no_sense_are_named_and_the_others_count(self):
        wire = self.wire()
        wire.hello(SESSION)
        wire.report(1, [('x' * 257, 1), ('room/1', 2)], now_ms())
        kind, failure = wire.receive()
        self.assertEqual(kind, 'failure')
        self.assertIn('257 bytes', failure['text'])
        self.assertEqual(wire.receive()[0], 'acknowledged')
        self.assertEqual(self.waiting(), 2)

    def test_a_node_that_stops_tells_its_agents_to_come_back(self):
        wire = self.wire()
        wire.hello(SESSION)
        wire.report(1, [('room/1', 2)], now_ms())
        self.assertEqual(wire.receive()[0], 'acknowledged')
        self.assertEqual(self.running.stop(), OK)
        kind, goodbye = wire.receive()
        self.assertEqual(kind, 'goodbye')
        self.assertGreater(goodbye['after_ms'], 0)
        with self.assertRaises(Closed) as closed:
            wire.receive()
        self.assertEqual(closed.exception.code, 1001)
        self.running.start()
        wire = self.wire()
        self.assertEqual(wire.hello(SESSION, first_report=2)[0], 'welcome')
        wire.report(2, [('room/1', 1)], now_ms())
        wire.receive()
        requests = self.running.status()['requests']
        self.assertEqual(requests['waiting'] + requests['counted'], 3)

    def test_a_silent_agent_is_sent_away(self):
        self.running.stop()
        self.running.more = '[agents]\nidle = "5s"\n'
        self.running.start()
        wire = self.wire()
        wire.hello(SESSION)
        begin = time.monotonic()
        with self.assertRaises(Closed):
            while True:
                wire.receive()
        self.assertLess(time.monotonic() - begin, 20)


class Tokens(NodeCase):
    def issue(self, *args):
        done = support.run('token', 'issue', '--keys', 'keys', *args, cwd=self.path)
        self.assertEqual(done.returncode, OK, done.stderr)
        return done.stdout.strip()

    def test_who_comes_needs_a_token_of_this_cluster_and_one_session_uses_it(self):
        made = support.run('token', 'keys', 'new', '--keys', 'keys', cwd=self.path)
        self.assertEqual(made.returncode, OK, made.stderr)
        node = self.node('[agents]\ntokens = "required"\nkeys = "keys"\n')
        node.start()

        def hello(token, session=SESSION):
            wire = AgentWire(node.ports[0])
            self.addCleanup(wire.socket.close)
            return wire, wire.hello(session, token=token)

        good = self.issue('--peer', 'alice', '--role', 'requester', '--scope', 'report', '--region', 'us')
        wire, (kind, welcome) = hello(good)
        self.assertEqual((kind, welcome['peer'], welcome['region']), ('welcome', 'alice', 'us'))
        wire.report(1, [('room/1', 1)], now_ms())
        self.assertEqual(wire.receive()[0], 'acknowledged')
        # The same agent may come again, another session may not while this one lasts.
        self.assertEqual(hello(good)[1][0], 'welcome')
        kind, goodbye = hello(good, 'a-session-of-somebody-else')[1]
        self.assertEqual(kind, 'goodbye')
        self.assertIn('session', goodbye['text'])
        for token, text in (('', 'token'), ('a.b.c', 'token'), (good[:-4] + 'AAAA', 'sign'),
                            (self.issue('--peer', 'bob', '--role', 'requester', '--scope', 'report', '--cluster', 'another'), 'another')):
            kind, goodbye = hello(token, 'one-more-session-of-an-agent')[1]
            self.assertEqual(kind, 'goodbye', token)
            self.assertIn(text, goodbye['text'])
        self.assertEqual(node.stop(), OK)


if __name__ == '__main__':
    support.main()
