# SPDX-License-Identifier: Apache-2.0
"""Drivers for clients written elsewhere: slixmpp, libstrophe, profanity (in tmux)."""

import json
import os
import queue
import shutil
import subprocess
import tempfile
import threading
import time

import harness
import raw

HERE = os.path.dirname(os.path.abspath(__file__))
# Debian's python3-slixmpp belongs to Debian's interpreter, whatever runs the tests.
DEBIAN_PYTHON = '/usr/bin/python3'


class Slixmpp:
    def __init__(self, jid, password, port, ca_file, *more, program='slixmpp_client.py'):
        self.process = subprocess.Popen(
            [DEBIAN_PYTHON, os.path.join(HERE, program), jid, password, '127.0.0.1',
             str(port), ca_file, *more], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        self.seen = []
        self.complaints = []
        self._events = queue.Queue()
        self._threads = [threading.Thread(target=self._read, daemon=True),
                         threading.Thread(target=self._read_complaints, daemon=True)]
        for thread in self._threads:
            thread.start()

    def _read(self):
        for line in self.process.stdout:
            try:
                self._events.put(json.loads(line))
            except ValueError:  # the library's own words
                self.complaints.append(line)
        self._events.put(None)

    def _read_complaints(self):
        self.complaints.extend(self.process.stderr)

    def wait(self, event, timeout=None, **fields):
        """The next event of that name with those fields; what came before is skipped."""
        return self.wait_any({event}, timeout, **fields)

    def wait_any(self, names, timeout=None, **fields):
        deadline = time.monotonic() + (raw.PATIENCE * 2 if timeout is None else timeout)
        while True:
            try:
                got = self._events.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                got = None
            if got is None:
                raise AssertionError('slixmpp saw no %s %s but %s\n%s' % (
                    names, fields, self.seen[-20:], ''.join(self.complaints[-20:])))
            self.seen.append(got)
            if got['event'] in names and all(got.get(k) == v for k, v in fields.items()):
                return got

    def do(self, *words):
        self.process.stdin.write(' '.join(words) + '\n')
        self.process.stdin.flush()

    def join(self, room, nick):
        self.do('join', room, nick)
        own = self.wait('presence', room=room, nick=nick, type='available')
        if '110' not in own['codes']:
            raise AssertionError('no self-presence: %s' % own)
        wanted = {'subject', 'unlocked'} if '201' in own['codes'] else {'subject'}
        while wanted:
            wanted.discard(self.wait_any(wanted, room=room)['event'])
        return own

    def say(self, room, text):
        self.do('say', room, text)

    def quit(self):
        self.do('quit')
        self.wait('disconnected')
        self.process.wait(20)

    def close(self):
        self.process.kill()
        self.process.wait()
        for thread in self._threads:
            thread.join(5)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            try:
                stream.close()
            except BrokenPipeError:
                pass


_strophe_program = None


def strophe_program():
    """Made by meson; where it was not, made here."""
    global _strophe_program
    if _strophe_program is None:
        build = os.path.dirname(os.path.dirname(harness.program()))
        candidates = [os.environ.get('STROPHE_CLIENT', ''),
                      os.path.join(build, 'tests', 'integration', 'strophe_client')]
        _strophe_program = next((c for c in candidates if c and os.access(c, os.X_OK)), None)
    if _strophe_program is None:
        folder = tempfile.mkdtemp(prefix='hansard-it-strophe-')
        _strophe_program = os.path.join(folder, 'strophe_client')
        subprocess.run(['g++', '-std=c++20', '-o', _strophe_program,
                        os.path.join(HERE, 'strophe_client.cpp'), '-lstrophe'], check=True)
        import atexit
        atexit.register(shutil.rmtree, folder, True)
    return _strophe_program


class Strophe:
    """One visit: enters, says `message`, waits to hear itself and `expect`, leaves."""

    def __init__(self, jid, password, port, room, nick, message, expect=None):
        self.process = subprocess.Popen(
            [strophe_program(), jid, password, '127.0.0.1', str(port), room, nick, message,
             *([expect] if expect else [])],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=harness.environment())

    def finish(self, timeout=90):
        """What it heard, as (nick, body) and ('history NICK', body)."""
        out, err = self.process.communicate(timeout=timeout)
        if self.process.returncode != 0:
            raise AssertionError('libstrophe: exit %d\n%s%s' % (self.process.returncode, out, err))
        return [tuple(line.split('\t', 1)) for line in out.splitlines()]

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()


class Profanity:
    """A person at a terminal, 160 by 70 characters: a room's form fits, with nothing of the machine's own user."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix='hansard-it-profanity-')
        self.socket = os.path.join(self.folder, 'tmux')
        env = {'HOME': self.folder, 'PATH': os.environ['PATH'], 'TERM': 'xterm-256color',
               'LC_ALL': 'C.UTF-8', 'XDG_CONFIG_HOME': self.folder + '/config',
               'XDG_DATA_HOME': self.folder + '/data', 'XDG_CACHE_HOME': self.folder + '/cache'}
        self._env = env
        self._tmux('-f', '/dev/null', 'new-session', '-d', '-x', '160', '-y', '70', 'profanity')
        self.expect('Type /help for help information')
        self.type('/presence room all')

    def _tmux(self, *arguments):
        return subprocess.run(['tmux', '-S', self.socket, *arguments], env=self._env,
                              capture_output=True, text=True, timeout=20)

    def screen(self):
        return self._tmux('capture-pane', '-p').stdout

    def type(self, text):
        self._tmux('send-keys', '-l', text)
        self._tmux('send-keys', 'Enter')

    def expect(self, text, timeout=None):
        try:
            harness.until(lambda: text in self.screen(), timeout or raw.PATIENCE * 2)
        except AssertionError:
            raise AssertionError('profanity does not show %r but\n%s' %
                                 (text, self.screen())) from None

    def connect(self, jid, password, port, tls='trust'):
        self.type('/connect %s server 127.0.0.1 port %d tls %s' % (jid, port, tls))
        self.expect('Enter password:')
        self.type(password)
        if tls == 'legacy':  # this way it asks a person
            self.expect('to accept this certificate.')
            self.type('/tls allow')
        self.expect('logged in successfully')

    def join(self, room, nick):
        self.type('/join %s nick %s' % (room, nick))
        self.expect('You have joined the room as %s' % nick)

    def make(self, room, nick):
        """Enters a room that is not there yet and opens it as it is. Profanity says that it is open
        before the room knows; what the room answers behind that says that it does."""
        self.join(room, nick)
        self.expect('Room locked')
        self.type('/room accept')
        self.expect('Room unlocked')
        self.type('/affiliation list owner')
        self.expect('Affiliation: owner')

    def quit(self):
        self.type('/quit')
        harness.until(lambda: self._tmux('has-session').returncode != 0, what='profanity to end')

    def close(self):
        self._tmux('kill-server')
        shutil.rmtree(self.folder, ignore_errors=True)
