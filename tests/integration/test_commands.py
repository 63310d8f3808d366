# SPDX-License-Identifier: Apache-2.0
"""The command line and what the program leaves on the disk: names, exit codes and sentences,
against a stopped and a running server."""

import json
import os
import shutil
import signal
import stat
import subprocess
import unittest

import harness
import raw
from command_case import CONFIGURATION, DONE, REFUSED, USAGE, CommandCase
from harness import Server, free_ports, until


class Usage(CommandCase):

    def test_wrong_usage(self):
        server = self.make()
        for arguments in ((), ('no-such-command',), ('user',), ('user', 'add'),
                          ('user', 'add', 'a@localhost', '--no-such-option'), ('status', 'extra')):
            with self.subTest(arguments=arguments):
                self.expect(server.command(*arguments) if arguments else self.bare(server), USAGE)

    def bare(self, server):
        return subprocess.run([harness.program()], capture_output=True, text=True,
                              env=harness.environment(), cwd=server.folder, timeout=30)

    def test_help(self):
        for arguments in (('--help',), ('serve', '--help'), ('user', 'add', '--help'),
                          ('check', '--help'), ('status', '--help'), ('user', 'import', '--help')):
            with self.subTest(arguments=arguments):
                done = subprocess.run([harness.program(), *arguments], capture_output=True,
                                      text=True, env=harness.environment(), timeout=30)
                self.expect(done, DONE, 'Usage|usage')
                if arguments[0] != '--help':
                    self.assertIn('-c', done.stdout)
                    self.assertIn('-d', done.stdout)

    def test_data_dir_option(self):
        server = self.make()
        elsewhere = os.path.join(server.folder, 'elsewhere')
        self.expect(server.command('user', 'add', 'a@localhost', '--password', 'x', '-d', elsewhere),
                    DONE)
        self.assertTrue(os.path.exists(os.path.join(elsewhere, 'content.db')))
        self.assertFalse(os.path.exists(server.data))


class Configuration(CommandCase):

    def test_errors_name_file_and_line(self):
        cases = [
            ('domain = "localhost"\nno_such_key = 1\n', 2, ['no_such_key']),
            ('[limits]\n\nsasl_tries = "three"\n', 3, ['sasl_tries']),
            ('[limits]\nsasl_tries = 0\n', 2, ['sasl_tries']),
            ('[limits]\nstanza_bytes = 9999\n', 2, ['stanza_bytes']),
            ('domain = \n', 1, []),
            ('[c2s]\nrequire_tls = 1\n', 2, ['require_tls']),
            ('[no_such_section]\nx = 1\n', 1, ['no_such_section']),
            ('log_level = "loud"\n', 1, ['log_level|loud']),
            ('[listen]\nc2s = ["127.0.0.1"]\n', 2, ['c2s']),
            ('[listen]\nc2s = ["0.0.0.0:5222"]\n[c2s]\nallow_plain_without_tls = true\n', 4,
             ['allow_plain_without_tls']),
        ]
        server = self.make()
        for text, line, words in cases:
            with self.subTest(text=text):
                with open(server.config_file, 'w') as f:
                    f.write(text)
                done = self.expect(server.command('serve'), CONFIGURATION,
                                   r'hansard\.toml:%d\b' % line, *words)
                self.assertEqual(done.stdout, '')
                self.expect(server.command('user', 'list'), CONFIGURATION,
                            r'hansard\.toml:%d\b' % line)
                self.expect(server.command('check'), REFUSED, r'hansard\.toml:%d\b' % line, *words)

    def test_a_missing_file(self):
        server = self.make()
        os.remove(server.config_file)
        self.expect(server.command('serve'), CONFIGURATION, 'hansard.toml')


class Serving(CommandCase):

    def test_check(self):
        server = self.make(users={'alice': 'secret-1'})
        self.expect(server.command('check'), DONE, str(server.port), str(server.tls_port))
        server.start()
        self.expect(server.command('check'), DONE)
        server.stop()
        json.loads(self.expect(server.command('check', '--json'), DONE).stdout)
        # Something that is wrong.
        with open(os.path.join(server.data, 'tls', 'fullchain.pem'), 'w') as f:
            f.write('not a certificate\n')
        self.expect(server.command('check'), REFUSED, 'fullchain.pem|certificate')

    def test_status(self):
        server = self.make(users={'alice': 'secret-1'})
        self.expect(server.command('status'), REFUSED, 'serve')
        server.start()
        self.expect(server.command('status'), DONE, 'sessions', 'rooms')
        before = json.loads(self.expect(server.command('status', '--json'), DONE).stdout)
        client = server.login('alice')
        client.join('r@chat.localhost', 'alice')
        after = json.loads(self.expect(server.command('status', '--json'), DONE).stdout)
        self.assertEqual(self.number(after, 'sessions') - self.number(before, 'sessions'), 1)
        self.assertEqual(self.number(after, 'rooms') - self.number(before, 'rooms'), 1)
        client.end()
        server.stop()

    def number(self, value, name):
        """The first number under a key that begins with `name`, wherever it is."""
        if isinstance(value, dict):
            for key, inner in value.items():
                if key.startswith(name) and isinstance(inner, int):
                    return inner
            value = list(value.values())
        if isinstance(value, list):
            for inner in value:
                found = self.number(inner, name)
                if found is not None:
                    return found
        return None

    def test_first_run(self):
        server = self.make()
        server.start()
        out = '\n'.join(server.lines)
        self.assertIn(str(server.port), out)
        self.assertIn(str(server.tls_port), out)
        self.assertIn('user add', out)
        self.assertRegex(out, r'([0-9A-F]{2}:){31}[0-9A-F]{2}')
        for name, mode in (('tls/key.pem', 0o600), ('control.sock', 0o600)):
            path = os.path.join(server.data, name)
            self.assertEqual(stat.S_IMODE(os.lstat(path).st_mode), mode, name)
        self.assertTrue(stat.S_ISSOCK(os.lstat(os.path.join(server.data, 'control.sock')).st_mode))
        for name in ('content.db', 'archive.db', 'tls/key.pem', 'content.db-wal'):
            path = os.path.join(server.data, name)
            if os.path.exists(path):
                # Nobody else of this machine reads it: by its own mode or its folder's.
                readable = os.lstat(path).st_mode & 0o077
                closed = os.lstat(server.data).st_mode & 0o077 == 0
                self.assertTrue(closed or not readable, name)
        with open(os.path.join(server.data, 'tls', 'fullchain.pem')) as f:
            certificate = f.read()
        server.stop()
        self.assertFalse(os.path.exists(os.path.join(server.data, 'control.sock')))
        server.start()  # and the same certificate again
        with open(os.path.join(server.data, 'tls', 'fullchain.pem')) as f:
            self.assertEqual(f.read(), certificate)
        server.stop()

    def test_second_server_on_the_same_data(self):
        server = self.make(users={'alice': 'secret-1'})
        server.start()
        port, tls_port = free_ports(2)
        second = os.path.join(server.folder, 'second.toml')
        with open(server.config_file) as f:
            text = f.read()
        with open(second, 'w') as f:
            f.write(text.replace(str(server.port), str(port)).replace(str(server.tls_port),
                                                                      str(tls_port)))
        done = subprocess.run([harness.program(), 'serve', '-c', second], capture_output=True,
                              text=True, env=harness.environment(), timeout=60)
        self.expect(done, REFUSED, 'running|used|another|pid|%d' % server.pid)
        self.assertNotIn('READY', done.stdout)
        # The first has not noticed, nor lost its socket.
        self.expect(server.command('status'), DONE)
        server.login('alice').end()
        server.stop()

    def test_port_in_use(self):
        server = self.make()
        server.start()
        other = self.make({'listen': {'c2s': ['127.0.0.1:%d' % server.port]}})
        self.expect(other.command('serve'), REFUSED, str(server.port))
        server.stop()
        # That it could not start is on record as that, not as a crash.
        other.start()
        other.stop()
        causes, crashes = self.starts_on_record(other)
        self.assertEqual(causes, ['start failed', 'signal'])
        self.assertEqual(crashes, 0)

    @staticmethod
    def starts_on_record(server):
        leaves = [json.loads(text) for text, in
                  server.storage.rows('archive', 'SELECT leaf FROM event ORDER BY seq')]
        stops = [leaf['d']['cause'] for leaf in leaves if leaf['t'] == 607]
        return stops, sum(leaf['t'] == 608 for leaf in leaves)

    def test_sigterm_drains(self):
        server = self.make(users={'alice': 'secret-1', 'bob': 'secret-2'})
        server.start()
        room = 'r@chat.localhost'
        alice, bob, idle = server.login('alice'), server.login('bob'), server.tls()
        for client in (alice, bob, idle):
            self.addCleanup(client.close)
        idle.open_stream()
        alice.join(room, 'alice')
        bob.join(room, 'bob')
        alice.say(room, 'the last word')
        bob.hear(room, 'the last word')
        server.process.send_signal(signal.SIGTERM)
        for client, nick in ((alice, 'alice'), (bob, 'bob')):
            me = '%s/%s' % (room, nick)
            own = client.wait(lambda e, me=me: e.tag == raw.q(raw.CLIENT, 'presence') and
                              e.get('from') == me and e.get('type') == 'unavailable')
            self.assertIn('332', raw.status_codes(own))
            self.assertIn('110', raw.status_codes(own))
        for client in (alice, bob, idle):
            error = client.wait(lambda e: e.tag == raw.q(raw.STREAMS, 'error'))
            self.assertEqual(raw.stream_condition(error), 'system-shutdown')
            client.wait_closed(20)
            self.assertTrue(client.reader.ended)
        server.stop(ask=False)  # waits, expects 0
        with self.assertRaises(OSError):
            server.plain()
        server.start()
        with server.login('bob') as client:
            _, past, _ = client.join(room, 'bob', "maxstanzas='10'")
            self.assertEqual([m.findtext(raw.q(raw.CLIENT, 'body')) for m in past],
                             ['the last word'])
        server.stop()

    def test_sighup_keeps_serving(self):
        server = self.make(users={'alice': 'secret-1'})
        server.start()
        client = server.login('alice')
        other = self.make()
        other.start()
        other.stop()

        def reload(word):
            server.process.send_signal(signal.SIGHUP)
            until(lambda: any(word in line for line in server.lines), what=word)
            self.assertEqual(client.ping().get('type'), 'result')  # the old session goes on
            with server.login('alice') as new:
                return new.socket.getpeercert(True)
        before = client.socket.getpeercert(True)
        for name in ('fullchain.pem', 'key.pem'):
            shutil.copy(os.path.join(other.data, 'tls', name),
                        os.path.join(server.data, 'tls', name))
        after = reload('reloaded')
        self.assertNotEqual(after, before)
        with open(os.path.join(server.data, 'tls', 'fullchain.pem'), 'w') as f:
            f.write('no certificate\n')
        self.assertEqual(reload('reload refused'), after)
        client.end()
        server.stop()

    def test_json_log(self):
        server = Server(None, {'alice': 'secret-1'}, log_format='json')
        self.addCleanup(server.remove)
        server.start()
        server.login('alice').end()
        server.stop()
        # The words for the person at the terminal end with READY; all else is JSON.
        spoken = [line for line in server.lines if not line.startswith('{')]
        self.assertEqual(spoken[-1].strip(), 'READY')
        lines = [json.loads(line) for line in server.lines if line.startswith('{')]
        self.assertGreater(len(lines), 3)
        for line in lines:
            self.assertIn('event', line)
        events = [line['event'] for line in lines]
        self.assertLess(events.index('session opened'), events.index('stopped'))

    def test_certificate_of_the_operator(self):
        """Files that are there are used; one without the other is refused."""
        first = self.make()
        first.start()
        first.stop()
        server = self.make()
        os.makedirs(os.path.join(server.data, 'tls'), mode=0o700)
        chain, key = (os.path.join(server.data, 'tls', n) for n in ('fullchain.pem', 'key.pem'))
        with open(os.path.join(first.data, 'tls', 'key.pem')) as f:
            text = f.read()
        with open(key, 'w') as f:
            f.write(text)
        done = server.command('serve')
        self.assertIn(done.returncode, (REFUSED, CONFIGURATION))
        self.assertRegex(done.stderr, 'fullchain.pem|certificate')
        self.assertFalse(os.path.exists(chain))


if __name__ == '__main__':
    unittest.main()
