# SPDX-License-Identifier: Apache-2.0
"""The account commands, against a stopped and a running server."""

import functools
import json
import os
import time
import unittest

import raw
from command_case import DONE, REFUSED, USAGE, CommandCase


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


if __name__ == '__main__':
    unittest.main()
