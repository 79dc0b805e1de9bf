"""A node as its users have it: a process, its listeners, its data directory. Standard library only."""
import http.client
import json
import pathlib
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'replay'))
import support

START_SECONDS = 60  # an instrumented binary on a busy machine


class NotThere(Exception):
    """The node did not answer: it is dead, starting or stopping."""


class Node:
    """Listens on free ports, or on those it had before. `config`: TOML beside the listeners."""

    def __init__(self, path, config='', interval='1m', grace='1s'):
        self.path = pathlib.Path(path)
        self.file = self.path / 'node.toml'
        self.more, self.interval, self.grace = config, interval, grace
        self.ports = (0, 0)
        self.process = None
        self.log = self.path / 'stderr.txt'

    def write_config(self):
        public, operator = self.ports
        self.file.write_text(f'[public]\nlisten = "127.0.0.1:{public}"\n[operator]\nlisten = "127.0.0.1:{operator}"\n'
                             f'[demand]\ninterval = "{self.interval}"\ngrace = "{self.grace}"\n{self.more}', encoding='utf8')

    def launch(self):
        self.write_config()
        with open(self.log, 'a', encoding='utf8') as log:
            self.process = subprocess.Popen([support.FORESTAGE, 'node', '--config', 'node.toml'], cwd=self.path, stdout=subprocess.PIPE,
                                            stderr=log, encoding='utf8')

    def start(self):
        """To the end of the start-up text."""
        self.launch()
        text = ''
        for line in self.process.stdout:
            text += line
            if line.startswith('Stop it with'):
                break
        found = re.search(r'public +http://127\.0\.0\.1:(\d+)(?s:.*)operator +http://127\.0\.0\.1:(\d+)', text)
        if not found:
            raise AssertionError(f'no start-up text: {text!r}, exit code {self.process.wait(START_SECONDS)}, {self.log.read_text()[-2000:]}')
        self.ports = (int(found[1]), int(found[2]))
        return text

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def stop(self, number=signal.SIGTERM):
        """The exit code."""
        self.process.send_signal(number)
        code = self.process.wait(START_SECONDS)
        self.process.stdout.close()
        return code

    def ask(self, method, target, body=None, listener=1, timeout=30):
        """(status, answer): JSON as what it says, else text. Errors: NotThere."""
        connection = http.client.HTTPConnection('127.0.0.1', self.ports[listener], timeout=timeout)
        try:
            data = None if body is None else body if isinstance(body, (str, bytes)) else json.dumps(body)
            connection.request(method, target, data, {'Connection': 'close'})
            response = connection.getresponse()
            text = response.read().decode()
        except (OSError, http.client.HTTPException) as failure:
            raise NotThere(str(failure)) from failure
        finally:
            connection.close()
        return response.status, json.loads(text) if response.getheader('Content-Type', '').startswith('application/json') else text

    def post(self, events, **more):
        return self.ask('POST', '/v1/events', {'events': events, **more})

    def status(self):
        status, answer = self.ask('GET', '/v1/status')
        assert status == 200, (status, answer)
        return answer

    def wait_until(self, what, seconds, every=0.2):
        """The first status for which `what` holds."""
        end = time.monotonic() + seconds
        while True:
            status = self.status()
            if what(status):
                return status
            if time.monotonic() > end:
                raise AssertionError(f'not within {seconds} s: {status}')
            time.sleep(every)


class NodeCase(support.TestCase):
    def node(self, config='', **more):
        node = Node(self.path, config, **more)
        self.addCleanup(lambda: node.process and node.process.poll() is None and node.kill())
        return node
