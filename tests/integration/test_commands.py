# SPDX-License-Identifier: Apache-2.0
"""The command line and what the program leaves on the disk: names, exit codes and sentences,
against a stopped and a running server."""

import contextlib
import functools
import json
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import time
import unittest

import harness
import raw
from harness import Server, free_ports, until

DONE, REFUSED, USAGE, CONFIGURATION = 0, 1, 2, 78


class CommandCase(unittest.TestCase):

    def make(self, config=None, users=None):
        server = Server(config, users)
        self.addCleanup(server.remove)
        return server

    def expect(self, done, code, *sentences):
        """The exit code; errors are sentences on stderr, one a line, and name what is asked for."""
        text = 'exit %d\n--- stdout\n%s--- stderr\n%s' % (done.returncode, done.stdout, done.stderr)
        self.assertEqual(done.returncode, code, text)
        if code == DONE:
            self.assertEqual([line for line in done.stderr.splitlines()
                              if not line.startswith('hansard: warning: ')], [], text)
        else:
            self.assertNotEqual(done.stderr.strip(), '', text)
            self.assertNotIn('terminate called', done.stderr)
            for line in done.stderr.splitlines():
                self.assertLess(len(line), 1000, text)
        for sentence in sentences:
            self.assertRegex(done.stdout + done.stderr, sentence, text)
        return done


def stopped_and_running(test):
    """Runs the test once with no server on the data directory, once with one."""
    @functools.wraps(test)
    def both(self):
        for running in (False, True):
            with self.subTest(running=running):
                self.server = self.make()
                if running:
                    self.server.start()
                test(self)
                if running:
                    self.server.stop()
    return both


class Users(CommandCase):
    """Every account command twice: with no server on the data directory, and with one."""

    def run_command(self, *arguments, **options):
        return self.server.command(*arguments, **options)

    def can_log_in(self, user, password):
        """Asks a running server; starts one for it if there is none."""
        started = not self.server.alive()
        if started:
            self.server.start()
        try:
            with self.server.tls() as client:
                client.open_stream()
                answer = client.auth_scram(user, password)
                return answer.tag == raw.q(raw.SASL, 'success')
        finally:
            if started:
                self.server.stop()

    def accounts(self):
        done = self.expect(self.run_command('user', 'list', '--json'), DONE)
        return json.loads(done.stdout)

    @stopped_and_running
    def test_life_of_an_account(self):
        run = self.run_command
        self.expect(run('user', 'add', 'alice@localhost', '--password', 'first-secret'), DONE,
                    'alice@localhost')
        self.assertTrue(self.can_log_in('alice', 'first-secret'))
        self.expect(run('user', 'add', 'alice@localhost', '--password', 'x'), REFUSED,
                    'alice@localhost')
        self.assertTrue(self.can_log_in('alice', 'first-secret'))
        self.expect(run('user', 'add', 'root@localhost', '--admin', '--password-stdin',
                        input='second-secret\n'), DONE)
        self.assertTrue(self.can_log_in('root', 'second-secret'))
        self.expect(run('user', 'passwd', 'alice@localhost', '--password-stdin',
                        input='third-secret\n'), DONE)
        self.assertFalse(self.can_log_in('alice', 'first-secret'))
        self.assertTrue(self.can_log_in('alice', 'third-secret'))
        self.expect(run('user', 'disable', 'alice@localhost'), DONE)
        self.assertFalse(self.can_log_in('alice', 'third-secret'))
        listed = self.expect(run('user', 'list'), DONE, r'alice', r'root')
        self.assertNotIn('secret', listed.stdout)
        self.assertIn('alice', json.dumps(self.accounts()))
        self.expect(run('user', 'enable', 'alice@localhost'), DONE)
        self.assertTrue(self.can_log_in('alice', 'third-secret'))
        self.expect(run('user', 'remove', 'alice@localhost'), DONE)
        self.assertFalse(self.can_log_in('alice', 'third-secret'))
        self.assertNotIn('alice', json.dumps(self.accounts()))
        for command in ('disable', 'enable', 'remove'):
            self.expect(run('user', command, 'alice@localhost'), REFUSED, 'alice@localhost')
        self.expect(run('user', 'passwd', 'alice@localhost', '--password', 'x'), REFUSED,
                    'alice@localhost')

    def test_administrators_do_in_rooms_as_owners_do(self):
        server = self.make(users={'alice': 'secret-1', 'bob': 'secret-2'})
        self.expect(server.command('user', 'add', 'root@localhost', '--admin', '--password-stdin',
                                   input='secret-3\n'), DONE, 'administrator')
        server.start()
        server.users['root'] = 'secret-3'
        room = 'closed@chat.localhost'
        with server.login('alice') as alice, server.login('bob') as bob, \
                server.login('root') as root:
            # Not yet opened: for everybody but its owners it is not there.
            alice.send("<presence to='%s/alice'><x xmlns='%s'/></presence>" % (room, raw.MUC))
            alice.wait(lambda e: e.get('from') == room + '/alice')
            for client, nick in ((bob, 'bob'), (root, 'root')):
                client.send("<presence to='%s/%s'><x xmlns='%s'/></presence>" %
                            (room, nick, raw.MUC))
            self.assertEqual(raw.error_of(bob.wait(lambda e: e.get('from') == room + '/bob')),
                             ('cancel', 'item-not-found'))
            own = root.wait(lambda e: e.get('from') == room + '/root')
            self.assertEqual(own.find('.//' + raw.q(raw.MUC_USER, 'item')).get('affiliation'),
                             'owner')
        server.stop()

    @stopped_and_running
    def test_refused_arguments(self):
        run = self.run_command
        for jid in ('alice', 'alice@', '@localhost', 'alice@localhost/desk', 'a b@localhost', ''):
            self.expect(run('user', 'add', jid, '--password', 'x'), USAGE)
        self.expect(run('user', 'add', 'alice@other.example', '--password', 'x'), REFUSED,
                    'localhost')
        self.expect(run('user', 'add', 'alice@localhost', '--password', ''), REFUSED, 'password')
        self.expect(run('user', 'add', 'alice@localhost', '--password', 'x' * 1025), REFUSED,
                    'password')
        self.assertNotIn('alice', json.dumps(self.accounts()))

    @stopped_and_running
    def test_import(self):
        path = os.path.join(self.server.folder, 'users.csv')
        with open(path, 'w') as f:
            f.write('ann,anns-secret\nben,bens,secret\n')
        self.expect(self.run_command('user', 'import', path), DONE, '2')
        self.assertTrue(self.can_log_in('ann', 'anns-secret'))
        self.assertTrue(self.can_log_in('ben', 'bens,secret'))
        # All or nothing, bad lines by number.
        bad = 'cid,cids-secret\nno-comma-here\nann,again\na b@c,x\ndee,dees-secret\neve,\n'
        done = self.expect(self.run_command('user', 'import', '-', input=bad), REFUSED)
        for line in ('2', '3', '4', '6'):
            self.assertRegex(done.stderr + done.stdout, r'line %s\b' % line)
        for line in ('1', '5'):
            self.assertNotRegex(done.stderr + done.stdout, r'line %s\b' % line)
        self.assertNotIn('cid', json.dumps(self.accounts()))
        self.assertNotIn('secret', done.stderr + done.stdout)
        self.expect(self.run_command('user', 'import', os.path.join(self.server.folder, 'none')),
                    REFUSED, 'none')

    def test_import_many(self):
        """10,000 in under 30 s is the release build's; here a tenth."""
        server = self.make()
        text = ''.join('user%04d,secret-%d\n' % (i, i) for i in range(1000))
        started = time.monotonic()
        self.expect(server.command('user', 'import', '-', input=text), DONE, '1,?000')
        self.assertLess(time.monotonic() - started, 30)
        self.server = server
        self.assertTrue(self.can_log_in('user0999', 'secret-999'))


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
        server = self.make()
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
        archive = sqlite3.connect(os.path.join(server.data, 'archive.db'))
        with contextlib.closing(archive):
            leaves = [json.loads(text) for (text,) in
                      archive.execute('SELECT leaf FROM event ORDER BY seq')]
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
        server.stop()  # waits, expects 0
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
        after = reload('certificate reloaded')
        self.assertNotEqual(after, before)
        with open(os.path.join(server.data, 'tls', 'fullchain.pem'), 'w') as f:
            f.write('no certificate\n')
        self.assertEqual(reload('certificate not reloaded'), after)
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
