# SPDX-License-Identifier: Apache-2.0
"""BI-CFG-06 and the reload half of BI-CFG-05: all of a configuration is taken over, or none of it,
and no session ends."""

import os
import signal
import ssl
import subprocess
import unittest

import raw
from command_case import DONE, REFUSED, CommandCase
from harness import until


class Reload(CommandCase):

    def setUp(self):
        self.server = self.make(users={'alice': 'secret-1'})
        self.server.start()
        self.addCleanup(lambda: self.server.alive() and self.server.stop())
        self.alice = self.server.login('alice')
        self.addCleanup(self.alice.close)

    def change(self, **keys):
        for key, value in keys.items():
            section, _, name = key.rpartition('__')
            (self.server.config.setdefault(section, {}) if section else self.server.config)[name] \
                = value
        self.server.write_config()

    def reload(self, code, *sentences):
        return self.expect(self.server.command('reload'), code, *sentences)

    def still_there(self):
        self.alice.send("<iq type='get' id='p' to='localhost'><ping xmlns='%s'/></iq>" % raw.PING)
        self.assertEqual(self.alice.wait(lambda e: e.get('id') == 'p').get('type'), 'result')

    def serial(self):
        pem = ssl.get_server_certificate(('127.0.0.1', self.server.tls_port))
        return pem

    def make_certificate(self, days, name='localhost', key='key.pem', certificate='fullchain.pem'):
        tls = os.path.join(self.server.data, 'tls')
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
                        'ec_paramgen_curve:prime256v1', '-nodes', '-days', str(days), '-subj',
                        '/CN=' + name, '-addext', 'subjectAltName=DNS:' + name, '-keyout',
                        os.path.join(tls, key), '-out', os.path.join(tls, certificate)],
                       check=True, capture_output=True)

    def test_limits_and_log_level_change_and_sessions_stay(self):
        self.change(log_level='debug', limits__stanza_bytes=12000)
        self.reload(DONE, 'log_level, limits.stanza_bytes')
        self.still_there()
        self.alice.send("<message to='alice@localhost'><body>%s</body></message>" % ('x' * 12500))
        self.assertIn('policy-violation', raw.to_text(self.alice.wait(
            lambda e: raw.local_name(e) == 'error', what='stream error')))

    def test_a_wrong_file_changes_nothing(self):
        self.change(log_level='debug', limits__stanza_bytes=0)
        self.reload(REFUSED, 'all stays as it was', 'stanza_bytes')
        self.assertFalse(any('debug' in line for line in self.server.lines))
        self.change(limits__stanza_bytes=262144, listen__c2s=[])
        self.reload(REFUSED, r'listen\.c2s needs a restart')
        os.unlink(self.server.config_file)
        self.reload_without_file()
        self.still_there()

    def reload_without_file(self):
        # The command itself could not read it either; the signal can be sent all the same.
        before = len(self.server.lines)
        self.server.process.send_signal(signal.SIGHUP)
        until(lambda: any('reload refused' in line for line in self.server.lines[before:]),
              what='the refusal in the log')

    def test_a_good_certificate_replaces_the_old_one(self):
        old = self.serial()
        self.make_certificate(30)
        self.reload(DONE, 'certificate valid until')
        self.assertNotEqual(self.serial(), old)
        self.still_there()

    def test_a_bad_certificate_is_refused_whole(self):
        """BI-CFG-05: another key's, out of date, of another name, missing, unreadable."""
        old = self.serial()
        tls = os.path.join(self.server.data, 'tls')
        self.make_certificate(30, certificate='other.pem')  # the key is no longer the certificate's
        self.change(log_level='debug')
        self.reload(REFUSED, 'all stays as it was')
        self.make_certificate(30, name='other.example')
        self.reload(REFUSED, 'does not name localhost')
        self.expired()
        self.reload(REFUSED, 'was valid until')
        os.unlink(os.path.join(tls, 'key.pem'))
        self.reload(REFUSED, 'all stays as it was')
        os.unlink(os.path.join(tls, 'fullchain.pem'))
        self.reload(REFUSED, 'all stays as it was')
        self.assertEqual(os.listdir(tls).count('key.pem'), 0)  # and none is made in its place
        self.assertEqual(self.serial(), old)
        self.still_there()
        self.assertFalse(any(' debug ' in line for line in self.server.lines))

    def expired(self):
        tls = os.path.join(self.server.data, 'tls')
        key, request = os.path.join(tls, 'key.pem'), os.path.join(self.server.folder, 'request')
        subprocess.run(['openssl', 'req', '-new', '-key', key, '-subj', '/CN=localhost', '-out',
                        request], check=True, capture_output=True)
        subprocess.run(['openssl', 'x509', '-req', '-in', request, '-signkey', key, '-days', '-1',
                        '-out', os.path.join(tls, 'fullchain.pem')], check=True,
                       capture_output=True)

    def test_the_signal_does_the_same(self):
        self.change(log_level='debug')
        self.server.process.send_signal(signal.SIGHUP)
        until(lambda: any('reloaded' in line for line in self.server.lines), what='reloaded')
        self.still_there()

    def test_an_administrator_named_now_is_one_at_once(self):
        self.change(admins=['alice@localhost'])
        self.reload(DONE, 'admins')
        self.alice.send("<iq type='get' id='d' to='localhost'><query xmlns='http://jabber.org/"
                        "protocol/disco#items' node='http://jabber.org/protocol/commands'/></iq>")
        answer = self.alice.wait(lambda e: e.get('id') == 'd')
        self.assertIn('hansard#user-add', raw.to_text(answer))


if __name__ == '__main__':
    unittest.main()
