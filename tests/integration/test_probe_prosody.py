# SPDX-License-Identifier: Apache-2.0
"""`hansard probe` against Debian's Prosody: a server that we did not write."""

import shutil
import unittest

from command_case import DONE
from peers.prosody import Prosody
from probe_case import USERS, ProbeCase


@unittest.skipUnless(shutil.which('prosody'), 'prosody is not installed')
class OtherServer(ProbeCase):

    def prosody(self, **options):
        server = Prosody(USERS, **options)
        self.addCleanup(server.remove)
        return server.start()

    def test_rooms(self):
        server = self.prosody()
        ca = ('--ca-file', server.certificate)
        room = 'probe@' + server.rooms
        report = self.passes(server.port, room, *ca)
        self.assertEqual((report['room_made'], report['room_left']), (True, False))
        self.passes(server.tls_port, room, '--tls', 'direct', *ca)
        carol = self.client(server.port)
        self.assertTrue(self.is_new(carol, room))
        report = self.passes(server.port, room, *ca)
        self.assertIs(report['room_made'], False)
        carol.ping(room + '/Watcher')  # still inside

        room = 'members@' + server.rooms
        self.makes_room(carol, room, membersonly='1')
        self.fails('join_1', 'for members only', server.port, room, *ca)
        room = 'sesame@' + server.rooms
        self.makes_room(carol, room, roomsecret='open up')
        self.fails('join_1', 'wants a password', server.port, room, *ca)
        self.write_passwords(USERS, room + ' open up\n')
        self.passes(server.port, room, *ca)
        self.fails('service', 'localhost is no service for rooms', server.port, 'x@localhost', *ca)
        self.fails('service', 'does not reach nowhere.example', server.port, 'x@nowhere.example', *ca)
        self.write_passwords({**USERS, 'alice': 'guessed'})
        self.fails('login_1', 'does not accept name and password .not-authorized', server.port, room,
                   *ca)
        self.fails('login_1', 'is self-signed', server.port, room)

    def test_a_service_where_not_everybody_makes_rooms(self):
        server = self.prosody(restricted=True)
        self.fails('join_1', 'alice@localhost may not make it', server.port, 'new@' + server.rooms,
                   '--ca-file', server.certificate)

    def test_a_certificate_for_another_name(self):
        server = self.prosody(certificate_name='other.example')
        self.fails('login_1', 'certificate .* does not name localhost', server.port,
                   'x@' + server.rooms, '--ca-file', server.certificate)

    def test_no_tls(self):
        server = self.prosody(certificate_name=None)
        self.fails('login_1', 'offers no TLS', server.port, 'x@' + server.rooms)
        done = self.probe(server.port, 'x@' + server.rooms, '--tls', 'none')
        self.assertEqual(done.returncode, DONE, done.stdout + done.stderr)
        self.assertRegex(done.stderr, 'warning: without TLS everybody .* can read the passwords')


del ProbeCase  # not a case of its own
