# SPDX-License-Identifier: Apache-2.0
"""BI-CFG over the program itself: what it must not start with, and that it then does not."""

import os
import shutil
import sqlite3
import subprocess
import unittest

import harness
from command_case import REFUSED, CommandCase


def bad_expat():
    build = os.path.dirname(os.path.dirname(harness.program()))
    return os.environ.get('BAD_EXPAT',
                          os.path.join(build, 'tests', 'integration', 'libbad_expat.so'))


class Start(CommandCase):

    def serve(self, server, **environment):
        """Exit code and what was said by a server that must not come up."""
        done = subprocess.run([harness.program(), 'serve', '-c', server.config_file],
                              capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
                              cwd=server.folder, env=dict(harness.environment(), **environment))
        self.assertNotIn('READY', done.stdout + done.stderr)
        return done

    def prepared(self):
        server = self.make(users={'alice': 'alices-secret-1'})
        server.start()
        server.stop()
        return server

    def tls_file(self, server, name):
        return os.path.join(server.data, 'tls', name)

    def test_BI_CFG_05_no_start_without_a_certificate_that_works(self):
        server, other = self.prepared(), self.prepared()
        key, certificate = self.tls_file(server, 'key.pem'), self.tls_file(server, 'fullchain.pem')
        for path in (key, certificate):
            shutil.copy(path, path + '.good')

        def spoil(path, text):
            with open(path, 'w', encoding='utf-8') as file:
                file.write(text)

        def other_key():
            shutil.copy(self.tls_file(other, 'key.pem'), key)

        def encrypted():
            subprocess.run(['openssl', 'pkey', '-in', key + '.good', '-aes256', '-passout',
                            'pass:x', '-out', key], check=True, capture_output=True)

        for wrong, sentence in (
                (other_key, 'is not the key of the certificate'),
                (encrypted, 'is encrypted'),
                (lambda: spoil(key, ''), 'private key'),
                (lambda: spoil(certificate, 'no certificate\n'), 'certificate'),
                (lambda: os.remove(certificate), 'fullchain.pem')):
            with self.subTest(sentence=sentence):
                for path in (key, certificate):
                    shutil.copy(path + '.good', path)
                wrong()
                self.expect(self.serve(server), REFUSED, sentence)
                self.expect(server.command('check'), REFUSED, sentence)
                # Nothing was made in place of what is there.
                self.assertTrue(os.path.exists(key))
        for path in (key, certificate):
            shutil.copy(path + '.good', path)
        server.start()
        server.stop()

    def test_BI_CFG_11_a_second_server(self):
        server = self.make(users={'alice': 'alices-secret-1'})
        server.start()
        with server.login('alice', 'PLAIN') as alice:
            self.expect(self.serve(server), REFUSED, 'another|already|in use')
            # Another data directory, other ports, the same file.
            ports = iter(harness.free_ports(2))
            second = self.make({'database': {
                'content': 'sqlite:' + os.path.join(server.data, 'content.db'),
                'archive': 'sqlite:' + os.path.join(server.data, 'archive.db')},
                'listen': {'c2s': ['127.0.0.1:%d' % next(ports)],
                           'c2s_tls': ['127.0.0.1:%d' % next(ports)]}})
            self.expect(self.serve(second), REFUSED, 'another|already|in use')
            self.assertEqual(alice.ping().get('type'), 'result')
        server.stop()
        with sqlite3.connect(os.path.join(server.data, 'archive.db')) as db:
            starts = db.execute('select count(*) from event where t = 606').fetchone()[0]
        self.assertLessEqual(starts, 2, 'the second one has written')

    def test_BI_CFG_13_an_expat_that_is_not_fit(self):
        server = self.prepared()
        self.assertTrue(os.path.exists(bad_expat()), bad_expat())
        done = self.serve(server, LD_PRELOAD=bad_expat(), ASAN_OPTIONS='verify_asan_link_order=0')
        self.expect(done, REFUSED, 'expat_[0-9.]+', 'holds back stanzas')
        server.start()
        server.stop()


if __name__ == '__main__':
    unittest.main()
