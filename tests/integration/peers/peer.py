# SPDX-License-Identifier: Apache-2.0
"""A server of somebody else's that a test runs: its process, its log, its folder."""

import shutil
import signal
import socket
import subprocess
import tempfile

import harness


class Peer:
    name = None

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix='hansard-it-%s-' % self.name)
        self.process = None
        self.log_file = None

    def run(self, command, ports, timeout, env=None):
        """Starts it and waits until it listens on all of these."""
        self.log_file = self.folder + '/log'
        with open(self.log_file, 'wb') as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=subprocess.STDOUT, cwd=self.folder, env=env)

        def answers():
            if self.process.poll() is not None:
                raise AssertionError('%s ended:\n%s' % (self.name, self.log()))
            try:
                for port in ports:
                    socket.create_connection(('127.0.0.1', port), 1).close()
                return True
            except OSError:
                return False
        harness.until(answers, timeout, self.name + ' to listen')

    def log(self):
        with open(self.log_file, errors='replace') as f:
            return f.read()

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def stop(self):
        if self.alive():
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def remove(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
