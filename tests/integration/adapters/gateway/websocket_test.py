"""WebSockets as asked for: echoes, order, credits, closes; and every frame that the protocol forbids."""
import struct
import time

from raw_client import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, Both, Server, frame, main


class WebSocket(Both):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(tls=True, message_bytes=65_536, frames_in_hand=8, control_frames=50, fragment_bytes=8_192,
                            close=500)

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def open(self, mode='echo', secure=False):
        wire = self.server.connect(secure)
        told = wire.upgrade(mode)
        self.assertEqual(told.status, 101)
        self.assertEqual(told.headers['sec-websocket-accept'], 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
        return wire

    def refused(self, reason, code, send, mode='echo'):
        """The frames end the link with that code and a counter, over plain and TLS."""
        def test(secure):
            before = self.server.counters(secure)[reason]
            with self.open(mode, secure) as wire:
                try:
                    wire.send(send)
                except OSError:
                    pass  # closed while sending
                said = wire.closed_with()
                self.assertIsNotNone(said, 'closed without a word')
                self.assertEqual(said[0], code)
                wire.ends()
            self.server.wait_for(lambda c: c[reason] == before + 1, secure)
        self.both(test)

    def test_echoes_text_and_bytes_of_every_size(self):
        def test(secure):
            with self.open(secure=secure) as wire:
                for size in (0, 1, 125, 126, 4_000, 65_535, 65_536):
                    wire.send(frame(b'\xff' * size))
                    self.assertEqual(wire.frame(), (BINARY, b'\xff' * size))
                wire.send(frame('größer'))
                self.assertEqual(wire.frame(), (BINARY, 'größer'.encode()))
                wire.send(frame('größer', TEXT))
                self.assertEqual(wire.frame(), (TEXT, 'größer'.encode()))
        self.both(test)

    def test_keeps_the_order_of_thousands_of_frames_with_few_credits(self):
        def test(secure):
            with self.open(secure=secure) as wire:
                wire.send(b''.join(frame(struct.pack('>I', i)) for i in range(5_000)))
                for i in range(5_000):
                    self.assertEqual(wire.frame(), (BINARY, struct.pack('>I', i)))
        self.both(test)

    def test_a_link_paused_by_credits_lives_and_goes_on(self):
        def test(secure):  # released by another thread, 50 ms later: eight at a time
            with self.open('late', secure) as wire:
                wire.send(b''.join(frame(struct.pack('>I', i)) for i in range(100)))
                for i in range(100):
                    self.assertEqual(wire.frame(), (BINARY, struct.pack('>I', i)))
        self.both(test)

    def test_reading_pauses_when_nothing_is_released(self):
        with self.open('hold') as wire:
            wire.send(b''.join(frame(b'x') for _ in range(20)))
            for _ in range(8):
                self.assertEqual(wire.frame(), (BINARY, b'x'))
            wire.socket.settimeout(0.3)
            with self.assertRaises(TimeoutError):
                wire.frame()

    def test_answers_a_round_of_frames_in_one(self):
        with self.open('sum') as wire:
            wire.send(b''.join(frame(b'x') for _ in range(200)))
            total = answers = 0
            while total < 200:
                kind, text = wire.frame()
                self.assertEqual(kind, TEXT)
                total, answers = total + int(text), answers + 1
            self.assertEqual(total, 200)
            self.assertLess(answers, 150)

    def test_fragments_and_pings_between_them_are_one_message(self):
        def test(secure):
            with self.open(secure=secure) as wire:
                wire.send(frame('ab', TEXT, final=False) + frame('p', PING) + frame('', CONTINUATION, final=False) +
                          frame('c', CONTINUATION))
                self.assertEqual(wire.frame(), (PONG, b'p'))
                self.assertEqual(wire.frame(), (TEXT, b'abc'))
        self.both(test)

    def test_pings_that_come_with_a_message_do_not_count_for_the_next(self):
        with self.open() as wire:
            for _ in range(3):
                wire.send(frame(b'x') + frame(b'p' * 100, PING) * 5)
                time.sleep(0.25)  # bounds are looked at ten times a second
            wire.send(frame('still here', TEXT))
            while (got := wire.frame())[0] != TEXT:
                self.assertIn(got, ((PONG, b'p' * 100), (BINARY, b'x')))
            self.assertEqual(got, (TEXT, b'still here'))

    def test_frames_that_come_with_the_upgrade_are_not_lost(self):
        with self.server.connect() as wire:
            wire.send(b'GET /v1/agent HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
                      b'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n' + frame('early', TEXT))
            self.assertEqual(wire.answer().status, 101)
            self.assertEqual(wire.frame(), (TEXT, b'early'))

    def test_a_close_is_answered_and_told(self):
        def test(secure):
            with self.open(secure=secure) as wire:
                wire.send(frame(struct.pack('>H', 4_321) + b'bye', CLOSE))
                self.assertEqual(wire.closed_with()[0], 4_321)
                wire.ends()
            self.server.wait_for(lambda c: c['last_close'] == [4_321, 'bye'])
        self.both(test)

    def test_a_link_that_is_closed_says_its_last_words_first(self):
        def test(secure):
            with self.open('close', secure) as wire:
                wire.send(frame(b'x'))
                self.assertEqual(wire.frame(), (TEXT, b'last words'))
                self.assertEqual(wire.closed_with(), (4_000, 'as you wish'))
                wire.send(frame(struct.pack('>H', 4_000), CLOSE))
                wire.ends()
            self.server.wait_for(lambda c: c['last_close'] == [4_000, 'as you wish'])
        self.both(test)

    def test_a_close_that_is_not_answered_ends_nevertheless(self):
        with self.open('close') as wire:
            begin = time.monotonic()
            wire.send(frame(b'x'))
            wire.ends()
            self.assertLess(time.monotonic() - begin, 5)

    def test_a_client_that_is_gone_is_noticed(self):
        def test(secure):
            before = self.server.counters(secure)['closed']
            for mode in ('echo', 'hold', 'late'):
                with self.open(mode, secure) as wire:
                    wire.send(frame(b'x'))
                    wire.frame()
            self.server.wait_for(lambda c: c['closed'] >= before + 3 and c['links'] == 0, secure)
        self.both(test)

    def test_upgrades_that_are_none_are_told_what_is_missing(self):
        good = {'Upgrade': 'websocket', 'Connection': 'Upgrade', 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
                'Sec-WebSocket-Version': '13'}
        for name, value in (('Upgrade', 'h2c'), ('Connection', 'close'), ('Sec-WebSocket-Key', 'short'),
                            ('Sec-WebSocket-Version', '8')):
            with self.server.connect() as wire, self.subTest(field=name):
                fields = [f'{k}: {v}' for k, v in {**good, name: value}.items()]
                self.assertEqual(wire.get('/v1/agent', *fields).status, 426)

    # -- what the protocol forbids
    def test_oversized_messages_end_with_1009(self):
        self.refused('message_too_large', 1009, b'\x82\xff' + struct.pack('>Q', 1 << 40) + b'\0\0\0\0')
        self.refused('message_too_large', 1009, frame(b'x' * 65_537))
        self.refused('message_too_large', 1009, frame(b'a' * 1_000, final=False) + frame(b'a' * 1_000, CONTINUATION, final=False) * 100)

    def test_endless_empty_fragments_end_with_1009(self):
        self.refused('too_many_fragments', 1009, frame(b'', final=False) + frame(b'', CONTINUATION, final=False) * 200_000)

    def test_a_flood_of_pings_ends_with_1008(self):
        self.refused('control_flood', 1008, frame(b'p' * 125, PING) * 60)
        self.refused('control_flood', 1008, frame(b'a', final=False) + frame(b'', PONG) * 60)

    def test_frames_against_the_protocol_end_with_1002(self):
        for name, bad in (('unmasked', frame(b'x', masked=False)), ('reserved bit', frame(b'x', reserved=0x40)),
                          ('compressed', frame(b'x', reserved=0x20)), ('opcode', frame(b'x', 3)), ('control opcode', frame(b'x', 11)),
                          ('stray continuation', frame(b'x', CONTINUATION)), ('new message within one', frame(b'x', final=False) + frame(b'x')),
                          ('fragmented ping', frame(b'x', PING, final=False)), ('long ping', frame(b'x' * 126, PING)),
                          ('close of one byte', frame(b'x', CLOSE)), ('close code', frame(struct.pack('>H', 1_005), CLOSE))):
            with self.subTest(name):
                self.refused('bad_frame', 1002, bad)

    def test_text_that_is_not_utf8_ends_with_1007(self):
        self.refused('bad_utf8', 1007, frame(b'\xff\xfe', TEXT))
        self.refused('bad_utf8', 1007, frame(b'\xed\xa0\x80', TEXT))
        self.refused('bad_utf8', 1007, frame(b'ok \xc3', TEXT))


main()
