"""Clients that are slow, silent, greedy or too many: each is let go within its bound, told so, and counted."""
import socket
import struct
import time

from raw_client import BINARY, PING, PONG, TEXT, Both, Server, frame, main


class Slow(Both):
    """Times of a few hundred ms, so that the whole takes seconds."""

    @classmethod
    def setUpClass(cls):
        cls.server = Server(tls=True, header=600, body=600, keep_alive=700, answer=600, write=700, idle=1_200, paused=800,
                            close=500, outbox_bytes=1_000_000, frames_in_hand=4, send_buffer_bytes=65_536)

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def gone(self, wire, reason, secure, begin, least, most):
        """Closed between so many seconds after `begin`, and counted."""
        rest = wire.ends()
        took = time.monotonic() - begin
        self.assertGreater(took, least)
        self.assertLess(took, most)
        self.server.wait_for(lambda c: c[reason] >= 1, secure)
        return rest

    def test_slow_headers(self):
        def test(secure):
            with self.server.connect(secure) as wire:
                begin = time.monotonic()
                wire.send('GET /json HT')
                rest = self.gone(wire, 'slow_header', secure, begin, 0.4, 5)
                self.assertTrue(rest.startswith(b'HTTP/1.1 408 '), rest)
                self.assertIn(b'slow_request', rest)
            with self.server.connect(secure) as wire:  # a byte now and then does not prolong it
                begin = time.monotonic()
                wire.send('GET /json HTTP/1.1\r\n')
                try:
                    while time.monotonic() - begin < 3:
                        wire.send('X')
                        time.sleep(0.1)
                    self.fail('still open')
                except OSError:
                    pass
        self.both(test)

    def test_a_connection_that_says_nothing(self):
        with self.server.connect() as wire:
            self.gone(wire, 'slow_header', False, time.monotonic(), 0.4, 5)

    def test_slow_bodies(self):
        def test(secure):
            with self.server.connect(secure) as wire:
                begin = time.monotonic()
                wire.send('POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc')
                self.assertTrue(self.gone(wire, 'slow_body', secure, begin, 0.4, 5).startswith(b'HTTP/1.1 408 '))
        self.both(test)

    def test_a_stalled_tls_hello(self):
        with socket.create_connection(('127.0.0.1', self.server.tls), timeout=10) as raw:
            begin = time.monotonic()
            raw.sendall(b'\x16\x03\x01\x02\x00\x01')
            self.assertEqual(raw.recv(100), b'')
            self.assertLess(time.monotonic() - begin, 5)
        self.server.wait_for(lambda c: c['slow_tls'] >= 1, True)

    def test_a_tls_hello_that_is_none(self):
        with socket.create_connection(('127.0.0.1', self.server.tls), timeout=10) as raw:
            raw.sendall(b'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
            try:
                while raw.recv(100):
                    pass
            except ConnectionError:
                pass
        self.server.wait_for(lambda c: c['bad_tls'] >= 1, True)

    def test_an_idle_connection_between_requests(self):
        def test(secure):
            with self.server.connect(secure) as wire:
                self.assertEqual(wire.get('/json').status, 200)
                self.assertEqual(self.gone(wire, 'idle_http', secure, time.monotonic(), 0.4, 5), b'')
        self.both(test)

    def test_a_handler_that_does_not_answer(self):
        with self.server.connect() as wire:
            begin = time.monotonic()
            told = wire.get('/never')
            self.assertEqual((told.status, told.code()), (503, 'late'))
            self.gone(wire, 'late_answer', False, begin, 0.4, 5)

    def test_a_file_that_is_not_taken(self):
        def test(secure):
            self.server.file('large', b'x' * 20_000_000)
            before = self.server.memory()
            with self.server.connect(secure, receive_buffer=4_096) as wire:
                wire.send('GET /file/large HTTP/1.1\r\nHost: localhost\r\n\r\n')
                self.server.wait_for(lambda c: c['slow_taker'] >= 1, secure)
                self.assertLess(self.server.memory() - before, 8 << 20)
        self.both(test)

    def test_an_idle_link_is_pinged_then_closed(self):
        def test(secure):
            with self.server.connect(secure) as wire:
                wire.upgrade()
                begin = time.monotonic()
                self.assertEqual(wire.frame(), (PING, b''))
                self.assertGreater(time.monotonic() - begin, 0.5)
                self.assertEqual(wire.closed_with()[0], 1001)
                self.assertLess(time.monotonic() - begin, 5)
                self.gone(wire, 'idle_link', secure, begin, 1.0, 6)
        self.both(test)

    def test_a_link_that_answers_pings_stays(self):
        with self.server.connect() as wire:
            wire.upgrade()
            begin = time.monotonic()
            while time.monotonic() - begin < 2.6:
                self.assertEqual(wire.frame(), (PING, b''))
                wire.send(frame(b'', PONG))
            wire.send(frame('still here', TEXT))
            while (got := wire.frame())[0] == PING:
                pass
            self.assertEqual(got, (TEXT, b'still here'))

    def test_a_link_whose_handler_takes_nothing(self):
        with self.server.connect() as wire:
            wire.upgrade('hold')
            begin = time.monotonic()
            wire.send(frame(b'x') * 100)
            self.assertEqual(wire.closed_with()[0], 1013)
            wire.send(frame(struct.pack('>H', 1013), 8))
            self.gone(wire, 'paused_link', False, begin, 0.6, 5)

    def test_a_half_open_connection(self):
        """No FIN, no RST: to the server, a client whose machine is gone. Nothing is read and no ping answered."""
        wires = [self.server.connect(secure) for secure in (False, True)]
        for wire in wires:
            wire.upgrade()
        for secure in (False, True):
            self.server.wait_for(lambda c: c['links'] == 0, secure)
        for wire in wires:
            wire.close()

    def test_a_reader_that_never_reads(self):
        def test(secure):
            before = self.server.memory()
            with self.server.connect(secure, receive_buffer=4_096) as wire:
                wire.upgrade('flood')
                begin = time.monotonic()
                wire.send(frame(b'x'))
                self.server.wait_for(lambda c: c['slow_reader'] >= 1 and c['links'] == 0, secure)
                self.assertLess(time.monotonic() - begin, 5)
                self.assertLess(self.server.memory() - before, 12 << 20)
        self.both(test)

    def test_an_echo_that_is_not_read(self):
        with self.server.connect(receive_buffer=4_096) as wire:
            wire.upgrade()
            before, begin, block = self.server.memory(), time.monotonic(), frame(b'x' * 1_000) * 100
            try:
                while time.monotonic() - begin < 8:
                    wire.send(block)
                self.fail('still open')
            except OSError:
                pass
            self.assertLess(self.server.memory() - before, 12 << 20)
            self.server.wait_for(lambda c: c['links'] == 0)

    def test_announced_bytes_cost_nothing(self):
        wires = [self.server.connect() for _ in range(50)]
        for wire in wires:
            wire.upgrade()
        before = self.server.memory()
        for wire in wires:
            wire.send(b'\x82\xff' + struct.pack('>Q', 1_000_000) + b'\0\0\0\0')
        time.sleep(0.2)
        self.assertLess(self.server.memory() - before, 8 << 20)
        for wire in wires:
            wire.close()


class Many(Both):
    def test_one_connection_too_many_is_told_so(self):
        with Server(tls=True, connections=4) as server:
            def test(secure):
                held = [server.connect(secure) for _ in range(4)]
                for wire in held:
                    self.assertEqual(wire.get('/json').status, 200)
                with server.connect(secure) as wire:
                    told = wire.get('/json')
                    self.assertEqual((told.status, told.code(), told.headers['connection']), (503, 'too_many_connections', 'close'))
                with server.connect(secure) as wire:
                    self.assertEqual(wire.upgrade().status, 101)  # a browser shows a page no status, but a close
                    self.assertEqual(wire.closed_with(), (1013, 'too many connections: come back later'))
                for wire in held:
                    wire.close()
                server.wait_for(lambda c: c['open'] <= 1 and c['too_many_connections'] >= 2, secure)
                with server.connect(secure) as wire:
                    self.assertEqual(wire.get('/json').status, 200)
            self.both(test)

    def test_far_too_many_are_closed_at_once(self):
        with Server(connections=4) as server:
            wires = [server.connect() for _ in range(80)]
            ended = sum(1 for wire in wires[70:] if wire.ends(3) == b'')
            self.assertEqual(ended, 10)
            for wire in wires:
                wire.close()
            counters = server.wait_for(lambda c: c['open'] <= 1)
            self.assertGreaterEqual(counters['too_many_connections'], 12)
            self.assertGreaterEqual(counters['accepted'], 80)

    def test_bytes_and_frames_are_counted(self):
        with Server() as server:
            with server.connect() as wire:
                wire.upgrade()
                for _ in range(10):
                    wire.send(frame(b'x' * 100))
                    self.assertEqual(wire.frame(), (BINARY, b'x' * 100))
                counters = server.counters()
                self.assertEqual((counters['frames_in'], counters['frames_out'], counters['links']), (10, 10, 1))
                self.assertGreater(counters['bytes_in'], 1_060)
                self.assertGreater(counters['bytes_out'], 1_020)
                self.assertEqual(counters['requests'], 2)

    def test_stopping_says_goodbye(self):
        def test(secure):
            server = Server(tls=True)
            with server:
                link, idle, asking, paused = (server.connect(secure) for _ in range(4))
                link.upgrade()
                paused.upgrade('hold')
                paused.send(frame(b'x') * 100)
                self.assertEqual(idle.get('/json').status, 200)
                asking.send('GET /late HTTP/1.1\r\nHost: localhost\r\n\r\n')
                time.sleep(0.02)
                begin = time.monotonic()
                server.process.stdin.close()
                self.assertEqual(link.closed_with(), (1001, 'the node is stopping: come back later'))
                link.send(frame(struct.pack('>H', 1001), 8))
                self.assertEqual(paused.closed_with()[0], 1001)
                paused.send(frame(struct.pack('>H', 1001), 8))
                told = asking.answer()
                self.assertEqual((told.json(), told.headers['connection']), ({'late': True}, 'close'))
                for wire in (link, idle, asking, paused):
                    self.assertEqual(wire.ends(), b'')
                    wire.close()
                words = server.process.stdout.read().split()
                self.assertEqual(server.process.wait(timeout=10), 0)
                self.assertLess(time.monotonic() - begin, 5)
                self.assertEqual(words, ['stopped', '2', '2'])
                server.process.stdout.close()
        self.both(test)


main()
