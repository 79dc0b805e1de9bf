"""HTTP/1.1 as asked for: answers, keep-alive, files and ranges, names, and requests that cannot be taken at their word."""
import json
import random

from raw_client import Both, Server, main


class Http(Both):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(tls=True, body_bytes=100_000)

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def refused(self, reason, status, code, send, secure=False):
        """The raw request is answered so, in words, counted, and the connection ends."""
        before = self.server.counters(secure)[reason]
        with self.server.connect(secure) as wire:
            wire.send(send)
            told = wire.answer()
            self.assertEqual((told.status, told.code()), (status, code), send[:80])
            self.assertGreater(len(told.json()['error']['text']), 10)
            self.assertEqual(told.headers['connection'], 'close')
            self.assertEqual(wire.ends(), b'')
        self.assertEqual(self.server.counters(secure)[reason], before + 1)

    def test_answers_many_requests_on_one_connection(self):
        def test(secure):
            with self.server.connect(secure) as wire:
                for _ in range(3):
                    told = wire.get('/json')
                    self.assertEqual((told.status, told.json()), (200, {'n': 1}))
                    self.assertEqual(told.headers['x-content-type-options'], 'nosniff')
                self.assertEqual(wire.ask('POST', '/echo', body=b'x' * 90_000).body, b'x' * 90_000)
                told = wire.get('/headers?q=a%20b')
                self.assertEqual(told.json(), {'path': '/headers', 'q': 'a b', 'remote': '127.0.0.1'})
        self.both(test)

    def test_answers_requests_that_came_at_once_in_their_order(self):
        with self.server.connect() as wire:
            wire.send(''.join(f'POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\n{i}' for i in range(10)))
            self.assertEqual(b''.join(wire.answer().body for _ in range(10)), b'0123456789')

    def test_reads_requests_byte_by_byte_and_in_chunks(self):
        with self.server.connect() as wire:
            for byte in b'\r\nGET /json HTTP/1.1\r\nHost: localhost\r\n\r\n':
                wire.send(bytes([byte]))
            self.assertEqual(wire.answer().status, 200)
            wire.send('POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n')
            for piece in ('4\r\nab', 'cd\r\n', '1;x=y\r\n', 'e\r\n0\r\n', 'Trailer: 1\r\n\r\n'):
                wire.send(piece)
            self.assertEqual(wire.answer().body, b'abcde')
            self.assertEqual(wire.get('/json').status, 200)

    def test_says_when_it_waits_for_a_body(self):
        with self.server.connect() as wire:
            wire.send('POST /echo HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n')
            self.assertEqual(wire.answer().status, 100)
            wire.send('ok')
            self.assertEqual(wire.answer().body, b'ok')

    def test_closes_when_asked_to_and_keeps_old_clients_only_when_asked(self):
        for version, field, kept in (('HTTP/1.1', 'Connection: close', False), ('HTTP/1.0', 'X: y', False),
                                     ('HTTP/1.0', 'Connection: keep-alive', True)):
            with self.server.connect() as wire:
                self.assertEqual(wire.get('/json', field, version=version).status, 200)
                if kept:
                    self.assertEqual(wire.get('/json').status, 200)
                else:
                    self.assertEqual(wire.ends(), b'')

    def test_head_has_no_body(self):
        with self.server.connect() as wire:
            told = wire.ask('HEAD', '/json')
            self.assertEqual((told.status, told.headers['content-length']), (200, '7'))
            self.assertEqual(wire.get('/json').status, 200)

    def test_answers_from_another_thread_and_for_those_who_forget_to(self):
        with self.server.connect() as wire:
            self.assertEqual(wire.get('/late').json(), {'late': True})
            self.assertEqual(wire.get('/drop').status, 500)
            told = wire.get('/injection')
            self.assertNotIn('set-cookie', told.headers)
            self.assertNotIn('x-bad', told.headers)

    def test_unknown_paths_and_methods_are_told_in_words(self):
        with self.server.connect() as wire:
            self.assertEqual(wire.get('/nowhere').code(), 'not_found')
            told = wire.ask('DELETE', '/json')
            self.assertEqual((told.status, told.code(), told.headers['allow']), (405, 'method_not_allowed', 'GET, HEAD'))
            self.assertEqual(wire.ask('BREW', '/json').status, 405)
            self.assertEqual(wire.ask('OPTIONS', '/json').status, 204)
            self.assertEqual(wire.get('/v1/agent').status, 426)
            self.assertEqual(wire.get('/json').status, 200)

    # -- files
    def test_serves_files_whole_and_in_parts(self):
        def test(secure):
            content = random.Random(7).randbytes(300_001)
            self.server.file('data', content)
            with self.server.connect(secure) as wire:
                whole = wire.get('/file/data')
                self.assertEqual((whole.status, whole.body), (200, content))
                self.assertEqual(whole.headers['content-security-policy'], "sandbox; default-src 'none'")
                self.assertEqual(whole.headers['x-content-type-options'], 'nosniff')
                self.assertEqual(whole.headers['content-type'], 'text/plain')
                for field, part in (('0-9', content[:10]), ('299990-', content[299_990:]), ('-5', content[-5:]),
                                    ('65530-65545', content[65_530:65_546])):
                    told = wire.get('/file/data', f'Range: bytes={field}')
                    self.assertEqual((told.status, told.body), (206, part))
                self.assertEqual(told.headers['content-range'], 'bytes 65530-65545/300001')
                for field in ('bytes=0-1,3-4', 'lines=1-2', 'bytes=9-1'):
                    self.assertEqual(wire.get('/file/data', f'Range: {field}').status, 200)
                told = wire.get('/file/data', 'Range: bytes=300001-')
                self.assertEqual((told.status, told.headers['content-range']), (416, 'bytes */300001'))
                head = wire.ask('HEAD', '/file/data')
                self.assertEqual((head.status, head.headers['content-length']), (200, '300001'))
                tag, date = whole.headers['etag'], whole.headers['last-modified']
                for condition in (f'If-None-Match: {tag}', f'If-Modified-Since: {date}'):
                    told = wire.get('/file/data', condition)
                    self.assertEqual((told.status, told.body, told.headers['etag']), (304, b'', tag))
                    self.assertNotIn('content-length', told.headers)
                self.assertEqual(wire.get('/file/data', 'Range: bytes=0-1', f'If-Range: {tag}').status, 206)
                self.server.file('data', content + b'!')
                self.assertEqual(wire.get('/file/data', 'Range: bytes=0-1', f'If-Range: {tag}').status, 200)
        self.both(test)

    def test_serves_empty_files_and_only_files(self):
        self.server.file('empty', b'')
        with self.server.connect() as wire:
            self.assertEqual(wire.get('/file/empty').body, b'')
            self.assertEqual(wire.get('/file/empty', 'Range: bytes=0-').status, 416)
            for path in ('/file/missing', '/file/.', '/file/..', '/file/%2e%2e/x', '/file/a%2f..', '/file/data%00'):
                wire2 = self.server.connect()
                with wire2:
                    self.assertIn(wire2.get(path).status, (400, 404), path)

    # -- names
    def test_answers_to_its_own_names_only(self):
        def test(secure):
            for host in ('localhost', 'LOCALHOST:7400', '127.0.0.1', '[::1]:80'):
                with self.server.connect(secure) as wire:
                    self.assertEqual(wire.get('/json', host=host).status, 200, host)
            for host in ('evil.example', 'localhost.evil.example', '127.0.0.2', 'a b', ''):
                self.refused('wrong_host', 421, 'wrong_host', f'GET /json HTTP/1.1\r\nHost: {host}\r\n\r\n', secure)
        self.both(test)
        self.refused('malformed', 400, 'bad_request', 'GET /json HTTP/1.1\r\n\r\n')
        self.refused('malformed', 400, 'bad_request', 'GET /json HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n')

    def test_pages_of_others_may_not_ask(self):
        with self.server.connect() as wire:
            self.assertEqual(wire.get('/json', 'Origin: http://localhost:3000').status, 200)
        for origin in ('http://evil.example', 'null', 'https://localhost.evil.example', 'http://localhost@evil.example'):
            self.refused('wrong_origin', 403, 'wrong_origin', f'GET /json HTTP/1.1\r\nHost: localhost\r\nOrigin: {origin}\r\n\r\n')
        self.refused('wrong_origin', 403, 'wrong_origin',
                     'GET /v1/agent HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\nUpgrade: websocket\r\n'
                     'Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n')

    # -- requests that mean two things, or too much
    def test_requests_with_two_ends_are_refused(self):
        start = 'POST /echo HTTP/1.1\r\nHost: localhost\r\n'
        chunk = '\r\n0\r\n\r\nGET /json HTTP/1.1\r\nHost: localhost\r\n\r\n'
        for fields in ('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', 'Transfer-Encoding: chunked\r\nContent-Length: 5\r\n',
                       'Content-Length: 5\r\nContent-Length: 5\r\n', 'Content-Length: 5\r\nContent-Length: 6\r\n',
                       'Content-Length: 5, 5\r\n', 'Content-Length: +5\r\n', 'Content-Length: -1\r\n', 'Content-Length: 0x5\r\n',
                       'Content-Length:\r\n', 'Content-Length : 5\r\n', 'Content-Length: 99999999999999999999\r\n',
                       'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', 'X: a\rb\r\n', 'X\x00: a\r\n', ' folded: 1\r\n'):
            with self.subTest(fields=fields):
                self.refused('malformed', 400, 'bad_request', start + fields + chunk)
        for fields in ('Transfer-Encoding: gzip, chunked\r\n', 'Transfer-Encoding: chunked, gzip\r\n', 'Transfer-Encoding: gzip\r\n',
                       'Transfer-Encoding: xchunked\r\n'):
            with self.subTest(fields=fields):
                self.refused('unsupported', 501, 'bad_encoding', start + fields + chunk)
        self.refused('malformed', 400, 'bad_request',
                     'POST /echo HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n')
        self.refused('malformed', 400, 'bad_request', start + 'Transfer-Encoding: chunked\r\n\r\nzz\r\n')
        self.refused('unsupported', 417, 'bad_expectation', start + 'Content-Length: 1\r\nExpect: more\r\n\r\n')

    def test_requests_that_cannot_be_read_are_told_why(self):
        for line in ('GET', 'GET /json', '\x01\x02\x03\x04', 'GET  HTTP/1.1', 'G@T /json HTTP/1.1'):
            with self.subTest(line=line):
                with self.server.connect() as wire:
                    wire.send(line + '\r\nHost: localhost\r\n\r\n')
                    self.assertIn(wire.answer().status, (400, 505))
        for target in ('http://localhost/json', 'localhost:80', '*', '/a%zz', '/a%2fb', '/../json', '/%2e%2e/json', '/a#b'):
            with self.subTest(target=target):
                self.refused('malformed', 400, 'bad_request', f'GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n')
        for version in ('HTTP/2.0', 'HTTP/0.9', 'HTTP/1.2', 'HTTX/1.1'):
            with self.subTest(version=version):
                self.refused('unsupported', 505, 'bad_version', f'GET /json {version}\r\nHost: localhost\r\n\r\n')

    def test_sizes_are_bounded(self):
        def test(secure):
            start = 'GET /json HTTP/1.1\r\nHost: localhost\r\n'
            self.refused('header_too_large', 431, 'header_too_large', start + 'X: ' + 'a' * 20_000 + '\r\n\r\n', secure)
            self.refused('header_too_large', 431, 'header_too_large', start + 'X: a\r\n' * 5_000 + '\r\n', secure)
            self.refused('target_too_long', 414, 'target_too_long', f'GET /{"a" * 4_096} HTTP/1.1\r\nHost: localhost\r\n\r\n', secure)
            self.refused('target_too_long', 414, 'target_too_long', 'GET /' + 'a' * 50_000, secure)
            post = 'POST /echo HTTP/1.1\r\nHost: localhost\r\n'
            self.refused('body_too_large', 413, 'body_too_large', post + 'Content-Length: 100001\r\n\r\n' + 'b' * 100_001, secure)
            chunks = '1000\r\n' + 'c' * 4_096 + '\r\n'
            self.refused('body_too_large', 413, 'body_too_large', post + 'Transfer-Encoding: chunked\r\n\r\n' + chunks * 26, secure)
            self.refused('length_required', 411, 'length_required', post + '\r\n', secure)
        self.both(test)

    def test_rubbish_does_no_harm(self):
        source = random.Random(11)
        for _ in range(100):
            try:
                with self.server.connect() as wire:
                    wire.send(source.randbytes(source.randrange(1, 3_000)))
            except OSError:
                pass
        wires = [self.server.connect() for _ in range(50)]
        for wire in wires:
            wire.close()
        self.server.wait_for(lambda c: c['open'] <= 1)
        with self.server.connect() as wire:
            self.assertEqual(json.loads(wire.get('/json').body), {'n': 1})


main()
