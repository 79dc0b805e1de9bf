"""Raw sockets against the echo server: HTTP and WebSocket by hand, so that what no library would send can be sent.

The echo server is started with small bounds; every helper has a deadline. Standard library only.
"""
import json
import os
import pathlib
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import time
import unittest

SERVER = sys.argv.pop(1) if len(sys.argv) > 1 else ''
DEADLINE = 10.0  # seconds, of any single wait


class Server:
    """The echo server with some bounds; a context manager."""

    def __init__(self, tls=False, **bounds):
        self.folder = tempfile.TemporaryDirectory(prefix='forestage-gateway-')
        root = pathlib.Path(self.folder.name)
        arguments = [f'folder={root}'] + [f'{k}={v}' for k, v in bounds.items()]
        if tls:
            make_certificate(root)
            arguments += [f'certificate={root}/node.crt', f'key={root}/node.key']
        self.process = subprocess.Popen([SERVER, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        words = self.process.stdout.readline().split()
        if words[:1] != ['ports']:
            raise RuntimeError(f'the server did not start: {words}')
        self.plain, self.tls = int(words[1]), int(words[2])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        self.folder.cleanup()

    def stop(self):
        """Every link that was opened was closed, and the sanitizers saw nothing."""
        if self.process.stdin.closed:
            return
        self.process.stdin.close()
        words = self.process.stdout.read().split()
        code = self.process.wait(timeout=30)
        self.process.stdout.close()
        assert code == 0, f'the server ended with {code}'
        assert words[:1] == ['stopped'] and words[1] == words[2], f'opened and closed differ: {words}'

    def file(self, name, content):
        path = pathlib.Path(self.folder.name) / name
        path.write_bytes(content)
        return path

    def connect(self, secure=False, receive_buffer=None):
        raw = socket.socket()
        raw.settimeout(DEADLINE)
        if receive_buffer:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        raw.connect(('127.0.0.1', self.tls if secure else self.plain))
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return Wire(tls_context().wrap_socket(raw, server_hostname='localhost') if secure else raw)

    def counters(self, secure=False):
        """Asked over the plain listener: it has to be able to answer."""
        with self.connect() as wire:
            return wire.get('/counters?of=tls' if secure else '/counters').json()

    def wait_for(self, condition, secure=False, seconds=DEADLINE):
        end = time.monotonic() + seconds
        while True:
            try:
                now = self.counters(secure)
                if condition(now):
                    return now
            except (EOFError, KeyError, ConnectionError) as failure:  # the question itself may be one too many
                now = repr(failure)
            if time.monotonic() > end:
                raise AssertionError(f'not in {seconds} s: {now}')
            time.sleep(0.05)

    def memory(self):
        pages = int(pathlib.Path(f'/proc/{self.process.pid}/statm').read_text().split()[1])
        return pages * os.sysconf('SC_PAGE_SIZE')


def make_certificate(root):
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout',
                    root / 'node.key', '-out', root / 'node.crt', '-days', '1', '-subj', '/CN=localhost'],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def tls_context():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    def code(self):
        return self.json()['error']['code']


class Wire:
    """One connection. After upgrade(), frames can be sent and received."""

    def __init__(self, sock):
        self.socket, self.buffer = sock, b''

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data.encode() if isinstance(data, str) else data)

    def more(self):
        """False at the end, however it came."""
        try:
            data = self.socket.recv(65536)
        except (ConnectionError, ssl.SSLError):
            return False
        self.buffer += data
        return bool(data)

    def ends(self, seconds=DEADLINE):
        """What still came until the other side closed; fails when it does not."""
        self.socket.settimeout(seconds)
        while self.more():
            pass
        return self.buffer

    # -- HTTP
    def answer(self, head_only=False):
        while b'\r\n\r\n' not in self.buffer:
            if not self.more():
                raise EOFError(f'closed after {self.buffer!r}')
        head, self.buffer = self.buffer.split(b'\r\n\r\n', 1)
        lines = head.decode('latin1').split('\r\n')
        status = int(lines[0].split(' ')[1])
        headers = {k.lower(): v for k, v in (line.split(': ', 1) for line in lines[1:])}
        if status == 100:
            return Answer(status, headers, b'')
        length = 0 if head_only else int(headers.get('content-length', 0))
        while len(self.buffer) < length:
            if not self.more():
                raise EOFError(f'{len(self.buffer)} of {length} bytes')
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return Answer(status, headers, body)

    def ask(self, method, target, *headers, body=b'', version='HTTP/1.1', host='localhost'):
        lines = [f'{method} {target} {version}'] + ([f'Host: {host}'] if host is not None else []) + list(headers)
        if body:
            lines.append(f'Content-Length: {len(body)}')
        self.send('\r\n'.join(lines).encode('latin1') + b'\r\n\r\n' + body)
        return self.answer(method == 'HEAD')

    def get(self, target, *headers, **more):
        return self.ask('GET', target, *headers, **more)

    # -- WebSocket
    def upgrade(self, mode='echo', *headers, host='localhost'):
        lines = [f'GET /v1/agent?mode={mode} HTTP/1.1', f'Host: {host}', 'Upgrade: websocket', 'Connection: Upgrade',
                 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version: 13', *headers]
        self.send('\r\n'.join(lines) + '\r\n\r\n')
        return self.answer()

    def frame(self):
        """(opcode, payload); None at the end."""
        def need(count):
            while len(self.buffer) < count:
                if not self.more():
                    return False
            return True
        if not need(2):
            return None
        length, at = self.buffer[1] & 127, 2
        if length == 126:
            need(4)
            length, at = struct.unpack('>H', self.buffer[2:4])[0], 4
        elif length == 127:
            need(10)
            length, at = struct.unpack('>Q', self.buffer[2:10])[0], 10
        if not need(at + length):
            return None
        opcode = self.buffer[0] & 15
        payload, self.buffer = self.buffer[at:at + length], self.buffer[at + length:]
        return opcode, payload

    def closed_with(self):
        """(code, text) of the close frame, data before it skipped; None when the connection just ends."""
        while (got := self.frame()) is not None:
            if got[0] == 8:
                code = struct.unpack('>H', got[1][:2])[0] if len(got[1]) >= 2 else 1005
                return code, got[1][2:].decode()
        return None


TEXT, BINARY, CONTINUATION, CLOSE, PING, PONG = 1, 2, 0, 8, 9, 10


def frame(payload, opcode=BINARY, final=True, masked=True, reserved=0):
    if isinstance(payload, str):
        payload = payload.encode()
    first = (0x80 if final else 0) | reserved | opcode
    bit, size = 0x80 if masked else 0, len(payload)
    if size < 126:
        head = bytes([first, bit | size])
    elif size < 65536:
        head = bytes([first, bit | 126]) + struct.pack('>H', size)
    else:
        head = bytes([first, bit | 127]) + struct.pack('>Q', size)
    if not masked:
        return head + payload
    mask = b'\x37\xa1\x5c\xe2'
    whole = (mask * (size // 4 + 1))[:size]
    masked_payload = (int.from_bytes(payload, 'big') ^ int.from_bytes(whole, 'big')).to_bytes(size, 'big') if size else b''
    return head + mask + masked_payload


class Both(unittest.TestCase):
    """Tests that hold for both listeners call self.both(f): f(secure) within a subTest."""

    def both(self, test):
        for secure in (False, True):
            with self.subTest(listener='tls' if secure else 'plain'):
                test(secure)


def main():
    unittest.main(verbosity=2)
