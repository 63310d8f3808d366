# SPDX-License-Identifier: Apache-2.0
"""`hansard probe` against our own server: a probe that passes, and what it says of each thing that
can be wrong with server, accounts, certificate and room."""

import json
import os
import signal
import socket
import threading

import harness
import raw
from command_case import DONE
from probe_case import STEPS, USERS, ProbeCase


class OurServer(ProbeCase):
    server = None

    @classmethod
    def setUpClass(cls):
        cls.server = harness.Server(users=USERS)
        try:
            cls.server.start()
        except BaseException:
            cls.server.remove()
            raise
        cls.port = cls.server.port
        cls.ca = ('--ca-file', os.path.join(cls.server.data, 'tls', 'fullchain.pem'))

    @classmethod
    def tearDownClass(cls):
        try:
            cls.server.stop()
        finally:
            cls.server.remove()

    def test_a_room_that_is_not_there_is_made_and_removed_again(self):
        room = 'passing@chat.localhost'
        report = self.passes(self.port, room, *self.ca)
        self.assertIs(report['room_made'], True)
        self.assertIs(report['room_left'], False)
        self.assertEqual((report['host'], report['port'], report['room']),
                         ('127.0.0.1', self.port, room))
        self.assertTrue(self.is_new(self.client(self.port), room))

    def test_direct_tls(self):
        self.passes(self.server.tls_port, 'direct@chat.localhost', '--tls', 'direct', *self.ca)

    def test_a_room_that_is_there_stays_and_has_two_messages_more(self):
        room = 'staying@chat.localhost'
        carol = self.client(self.port)
        self.makes_room(carol, room, persistentroom='1')
        report = self.passes(self.port, room, *self.ca)
        self.assertIs(report['room_made'], False)
        carol.ping()
        said = [e.findtext(raw.q(raw.CLIENT, 'body')) for e in carol.reader.elements
                if raw.is_room_message(e, room)]
        self.assertEqual([s.rsplit(' ', 1)[1] for s in said], ['alice@localhost', 'bob@localhost'])
        carol.leave(room, 'Owner')
        self.assertFalse(self.is_new(carol, room))

    def test_people_read_a_table(self):
        done = self.probe(self.port, 'table@chat.localhost', *self.ca)
        self.assertEqual(done.returncode, DONE, done.stderr)
        lines = done.stdout.splitlines()
        self.assertEqual(len(lines), len(STEPS) + 2)
        self.assertRegex(lines[0], 'all steps went well in .* ms')
        self.assertRegex(lines[1], '^step +result +time')
        for line in lines[2:]:
            self.assertRegex(line, r'  ok +[0-9.]+ ms$')

    def test_any_certificate_will_do_with_a_warning(self):
        done = self.probe(self.port, 'insecure@chat.localhost', '--insecure')
        self.assertEqual(done.returncode, DONE, done.stderr)
        self.assertRegex(done.stderr, 'warning: with --insecure .* can read the passwords')

    def test_passwords_that_others_can_read(self):
        self.write_passwords(USERS, mode=0o640)
        done = self.probe(self.port, 'mode@chat.localhost', *self.ca)
        self.assertEqual(done.returncode, DONE, done.stderr)
        self.assertRegex(done.stderr, 'warning: others can read .*; chmod 600 it')

    def test_wrong_password(self):
        self.write_passwords({**USERS, 'bob': 'not his'})
        report = self.fails('login_2', 'does not accept name and password .not-authorized',
                            self.port, 'x@chat.localhost', *self.ca)
        self.assertNotIn('not his', json.dumps(report))
        self.write_passwords({'nobody': 'x', **USERS})
        self.fails('login_1', 'does not accept name and password', self.port, 'x@chat.localhost',
                   *self.ca, user1='nobody@localhost')

    def test_a_domain_that_is_not_served(self):
        self.write_passwords(USERS, 'alice@elsewhere.example x\n')
        self.fails('login_1', 'does not serve elsewhere.example .host-unknown', self.port,
                   'x@chat.localhost', *self.ca, user1='alice@elsewhere.example')

    def test_certificate(self):
        self.fails('login_1', 'certificate .* is self-signed.*--ca-file.*--insecure', self.port,
                   'x@chat.localhost')
        self.fails('login_1', 'certificate .* is self-signed', self.server.tls_port,
                   'x@chat.localhost', '--tls', 'direct')

    def test_the_wrong_kind_of_port(self):
        self.fails('login_1', 'TLS handshake .* failed; .*leave out --tls direct', self.port,
                   'x@chat.localhost', '--tls', 'direct', '--insecure', '--step-timeout', '60')
        self.fails('login_1', 'try --tls direct', self.server.tls_port, 'x@chat.localhost',
                   '--insecure')
        self.fails('login_1', 'no way to log in without TLS; leave out --tls none', self.port,
                   'x@chat.localhost', '--tls', 'none')

    def test_no_room_service(self):
        self.fails('service', 'localhost is no service for rooms', self.port, 'x@localhost', *self.ca)
        self.fails('service', 'no service nowhere.localhost|does not reach nowhere.localhost',
                   self.port, 'x@nowhere.localhost', *self.ca)

    def test_rooms_that_do_not_let_in(self):
        carol = self.client(self.port)
        room = 'members@chat.localhost'
        self.makes_room(carol, room, membersonly='1')
        self.fails('join_1', 'for members only .registration-required.*make alice@localhost a member',
                   self.port, room, *self.ca)
        self.affiliate(carol, room, 'alice', 'member')
        self.fails('join_2', 'for members only', self.port, room, *self.ca)

        room = 'banned@chat.localhost'
        self.makes_room(carol, room)
        self.affiliate(carol, room, 'bob', 'outcast')
        self.fails('join_2', 'bob@localhost is banned from .*forbidden', self.port, room, *self.ca)

        room = 'locked@chat.localhost'
        carol.send("<presence to='%s/Owner'><x xmlns='%s'/></presence>" % (room, raw.MUC))
        carol.wait(lambda e: '201' in raw.status_codes(e))
        self.fails('join_1', 'not there for alice@localhost or is locked.*item-not-found.*configure',
                   self.port, room, *self.ca)

    def test_a_room_with_a_password(self):
        room = 'sesame@chat.localhost'
        carol = self.client(self.port)
        self.makes_room(carol, room, passwordprotectedroom='1', roomsecret='open up')
        self.fails('join_1', 'wants a password .not-authorized.*`%s PASSWORD`' % room, self.port,
                   room, *self.ca)
        self.write_passwords(USERS, room + ' shut\n')
        self.fails('join_1', 'wants a password', self.port, room, *self.ca)
        self.write_passwords(USERS, room + ' open up\n')
        self.passes(self.port, room, *self.ca)

    def test_no_voice(self):
        room = 'moderated@chat.localhost'
        carol = self.client(self.port)
        self.makes_room(carol, room, moderatedroom='1')
        self.fails('reflection_1', 'alice@localhost has no voice .*forbidden', self.port, room, *self.ca)
        for who in ('-1', '-2'):
            carol.wait(lambda e: e.get('type') == 'unavailable' and e.get('from').endswith(who),
                       what='leave of both')

    def test_a_server_that_has_stopped(self):
        os.kill(self.server.pid, signal.SIGSTOP)
        try:
            self.fails('login_1', 'does not let alice@localhost in or out within 1 s', self.port,
                       'x@chat.localhost', '--step-timeout', '1', *self.ca)
            self.fails('login_1', 'nothing came within 1 s', self.server.tls_port,
                       'x@chat.localhost', '--step-timeout', '1', '--tls', 'direct', *self.ca)
            self.fails('login_1', ' within 2 s', self.port, 'x@chat.localhost', '--timeout', '2',
                       *self.ca)
        finally:
            os.kill(self.server.pid, signal.SIGCONT)


class NoServer(ProbeCase):

    def test_nobody_listens(self):
        port, = harness.free_ports(1)
        self.fails('connect', 'nothing listens at 127.0.0.1:%d; start the server' % port, port,
                   'x@chat.localhost')

    def test_no_such_host(self):
        self.fails('connect', 'no host nowhere.invalid|nowhere.invalid cannot be resolved', 5222,
                   'x@chat.localhost', host='nowhere.invalid', timeout=60)

    def test_a_port_that_takes_no_connection(self):
        with socket.socket() as listener:
            listener.bind(('127.0.0.1', 0))
            listener.listen(0)
            waiting = []
            try:
                while len(waiting) < 64:  # until the queue is full
                    one = socket.socket()
                    waiting.append(one)
                    one.settimeout(0.3)
                    one.connect(listener.getsockname())
            except socket.timeout:
                pass
            try:
                self.fails('connect', 'does not answer; look whether', listener.getsockname()[1],
                           'x@chat.localhost', '--step-timeout', '1')
            finally:
                for one in waiting:
                    one.close()

    def test_something_else_listens(self):
        """What is no XMPP server: says something else, or ends the connection at once."""
        for greeting, sentence in (
                (b'SSH-2.0-OpenSSH_9.2p1\r\n', 'does not speak XMPP; correct host and port'),
                (b'', 'closed the connection before the login was done')):
            with socket.create_server(('127.0.0.1', 0)) as listener:
                def serve(listener=listener, greeting=greeting):
                    while True:
                        try:
                            peer, _ = listener.accept()
                        except OSError:
                            return
                        with peer:
                            try:
                                peer.settimeout(5)
                                peer.sendall(greeting)
                                peer.recv(4096)
                            except OSError:
                                pass  # the first look at the port closes at once
                threading.Thread(target=serve, daemon=True).start()
                self.fails('login_1', sentence, listener.getsockname()[1],
                           'x@chat.localhost', '--step-timeout', '20')
                listener.shutdown(socket.SHUT_RDWR)


class Usage(ProbeCase):

    def words(self, host='127.0.0.1:1', user1='alice@localhost', user2='bob@localhost',
              room='r@chat.localhost', *more):
        return [host, '--user1', user1, '--user2', user2, '--passwords', self.passwords,
                '--room', room, *more]

    def test_what_is_typed(self):
        self.refused('--user1 is not an account; write user@domain', self.words(user1='alice'))
        self.refused('--user2 is not an account', self.words(user2='bob@localhost/desk'))
        self.refused('the same account; give two', self.words(user2='alice@localhost'))
        self.refused('--room is not a room; write room@service', self.words(room='chat.localhost'))
        for host in (':5222', 'h:', 'h:0', 'h:65536', 'h:x', '[::1', '[::1]5222', '[::1]:'):
            self.refused('HOST', self.words(host))
        self.refused('--room is required', self.words()[:-2])
        self.refused('--ca-file', self.words() + ['--ca-file', 'x', '--insecure'])
        self.refused('x cannot be read or holds no certificate', self.words() + ['--ca-file', 'x'])
        self.refused('--ca-file says nothing with --tls none',
                     self.words() + ['--ca-file', 'x', '--tls', 'none'])
        self.refused('--tls', self.words() + ['--tls', 'maybe'])
        for option in ('--timeout', '--step-timeout'):
            for value in ('0', '3601', '-1', 'x'):
                self.refused(option, self.words() + [option, value])

    def test_what_stands_in_the_file(self):
        self.write_passwords({'alice': 'secret'})
        self.refused('has no line for bob@localhost; add `bob@localhost PASSWORD`', self.words())
        for line, sentence in (('alice', 'line 3 .* does not begin with a bare JID'),
                               ('alice@localhost', 'line 3 .* has no password'),
                               ('alice@localhost ', 'line 3 .* has no password'),
                               ('a@b x\na@b y', 'line 4 .* for the second time')):
            self.write_passwords({}, line + '\n')
            self.refused(sentence + '.*write `JID PASSWORD`', self.words())
        self.passwords = os.path.join(self.folder, 'none')
        self.refused('none cannot be read', self.words())

    def test_help_says_what_happens_to_the_room(self):
        import subprocess
        done = subprocess.run([harness.program(), 'probe', '--help'], capture_output=True, text=True,
                              timeout=60, env=harness.environment())
        self.assertEqual(done.returncode, DONE)
        said = ' '.join(done.stdout.split())
        self.assertIn('made if it is not there, and then removed', said)
        for option in ('--user1', '--user2', '--passwords', '--room', '--tls', '--ca-file',
                       '--insecure', '--timeout', '--step-timeout', '--json'):
            self.assertIn(option, said)


del ProbeCase  # not a case of its own
