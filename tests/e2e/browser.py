# SPDX-License-Identifier: Apache-2.0
"""Headless Chromium on a page of ours, driven over its debugging pipe: no port, no package.

The browser can reach only files; every attempt to reach something else is recorded.
"""
import base64
import json
import os
import subprocess

PROGRAM = 'chromium'


class Browser:
    """One window; `with Browser(directory) as browser`."""

    def __init__(self, directory):
        self.directory = directory
        self.requests, self.console, self.next_id, self.buffer = [], [], 0, b''

    def __enter__(self):
        read_by_it, self.to = os.pipe()
        self.back, written_by_it = os.pipe()

        def hand_over():  # its commands come on 3, its answers go to 4
            first, second = os.dup(read_by_it), os.dup(written_by_it)
            os.dup2(first, 3)
            os.dup2(second, 4)

        self.process = subprocess.Popen(
            [PROGRAM, '--headless=new', '--no-sandbox', '--remote-debugging-pipe', '--disable-gpu',
             '--no-first-run', '--disable-component-update', '--disable-background-networking',
             '--disable-extensions', '--hide-scrollbars', '--host-resolver-rules=MAP * ~NOTFOUND',
             f'--user-data-dir={self.directory}/browser', 'about:blank'],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=hand_over, close_fds=False,
            env={**os.environ, 'HOME': str(self.directory), 'TZ': 'UTC'})
        os.close(read_by_it)
        os.close(written_by_it)
        self.session = None
        target = self.call('Target.createTarget', url='about:blank')['targetId']
        self.session = self.call('Target.attachToTarget', targetId=target, flatten=True)['sessionId']
        for domain in ('Page', 'Network', 'Log', 'Runtime'):
            self.call(domain + '.enable')
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(60)
        os.close(self.to)
        os.close(self.back)

    def receive(self):
        while b'\0' not in self.buffer:
            more = os.read(self.back, 1 << 20)
            if not more:
                raise RuntimeError('the browser has gone')
            self.buffer += more
        text, self.buffer = self.buffer.split(b'\0', 1)
        message = json.loads(text)
        method, params = message.get('method'), message.get('params', {})
        if method == 'Network.requestWillBeSent':
            self.requests.append(params['request']['url'])
        if method in ('Log.entryAdded', 'Runtime.consoleAPICalled', 'Runtime.exceptionThrown'):
            self.console.append(json.dumps(params)[:500])
        return message

    def call(self, method, **params):
        self.next_id += 1
        message = {'id': self.next_id, 'method': method, 'params': params}
        if self.session:
            message['sessionId'] = self.session
        os.write(self.to, json.dumps(message).encode() + b'\0')
        while (answer := self.receive()).get('id') != message['id']:
            pass
        if 'error' in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer['result']

    def open(self, path, width=1280, height=900, dark=False, phone=False):
        self.call('Emulation.setDeviceMetricsOverride', width=width, height=height,
                  deviceScaleFactor=1, mobile=phone)
        self.look(dark=dark)
        self.call('Page.navigate', url=f'file://{path}')
        while self.receive().get('method') != 'Page.loadEventFired':
            pass

    def look(self, dark=False, media=''):
        self.call('Emulation.setEmulatedMedia', media=media, features=[
            {'name': 'prefers-color-scheme', 'value': 'dark' if dark else 'light'}])
        # The page looks so once it was drawn anew.
        self.call('Runtime.evaluate', awaitPromise=True, expression=
                  'new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))')

    def value(self, expression):
        """Evaluates an expression in the debugger, to which the page's policy does not apply."""
        answer = self.call('Runtime.evaluate', expression=expression, returnByValue=True)
        if 'exceptionDetails' in answer:
            raise RuntimeError(answer['exceptionDetails'].get('text', expression))
        return answer['result'].get('value')

    def screenshot(self, path, whole=False):
        png = self.call('Page.captureScreenshot', format='png', captureBeyondViewport=whole)['data']
        path.write_bytes(base64.b64decode(png))

    def pdf(self, path):
        path.write_bytes(base64.b64decode(self.call('Page.printToPDF', printBackground=False,
                                                    preferCSSPageSize=True)['data']))
