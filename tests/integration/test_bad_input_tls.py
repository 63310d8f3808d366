# SPDX-License-Identifier: Apache-2.0
"""BI-TLS: STARTTLS and TLS. What waits for things that do not exist yet is in docs/conformance.md."""

import base64
import contextlib
import os
import select
import ssl
import subprocess
import tempfile
import time
import unittest
import warnings

import raw
from harness import ServerCase, until
from stream_reader import StreamReader

STARTTLS = "<starttls xmlns='%s'/>" % raw.TLS


def plain_auth(user, password):
    text = base64.b64encode(('\0%s\0%s' % (user, password)).encode()).decode()
    return "<auth xmlns='%s' mechanism='PLAIN'>%s</auth>" % (raw.SASL, text)


class OpensslClient:
    """`openssl s_client`, for what Python's ssl cannot ask: renegotiation, key updates, early data."""

    def __init__(self, port, *options):
        self.seen = b''
        self.process = subprocess.Popen(
            ['openssl', 's_client', '-connect', '127.0.0.1:%d' % port, '-servername', 'localhost',
             *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        os.set_blocking(self.process.stdout.fileno(), False)

    def read(self, timeout=0.0):
        """Takes in what comes; False once the program has ended and all is read."""
        readable, _, _ = select.select([self.process.stdout], [], [], timeout)
        if readable:
            data = os.read(self.process.stdout.fileno(), 65536)
            if not data:
                return False
            self.seen += data
        return True

    def write(self, data):
        try:
            self.process.stdin.write(data)
            self.process.stdin.flush()
            return True
        except BrokenPipeError:
            return False

    def until_count(self, text, count, timeout=20):
        """True once `text` was printed `count` times, False if the program ended before."""
        deadline = time.monotonic() + timeout
        while self.seen.count(text) < count:
            if not self.read(0.1):
                return False
            if time.monotonic() > deadline:
                raise AssertionError('openssl: no %r in %r' % (text, self.seen[-500:]))
        return True

    def close(self):
        self.process.kill()
        self.process.wait()
        with contextlib.suppress(BrokenPipeError):  # what it had not read yet
            self.process.stdin.close()
        self.process.stdout.close()


class Tls(ServerCase):

    def openssl(self, port, *options):
        client = OpensslClient(port, *options)
        self.addCleanup(client.close)
        self.log_allowance += 1
        return client

    def test_BI_TLS_01_plaintext_behind_starttls(self):
        client = self.plain()
        client.open_stream()
        client.send(STARTTLS + plain_auth('alice', self.users['alice']) + client.header_text())
        self.assertEqual(client.next().tag, raw.q(raw.TLS, 'proceed'))
        plain = bytes(client.raw)
        try:
            client.wrap()
        except (OSError, ssl.SSLError):
            return  # closed: as good
        try:
            features = client.open_stream()
        except raw.Closed:
            return
        self.assertNotEqual(client.mechanisms(), [], 'logged in by what came before TLS')
        self.assertIsNone(features.find(raw.q(raw.BIND, 'bind')))
        self.assertNotIn(b'<success', plain + bytes(client.raw))
        self.assertNotIn(b'<failure', plain + bytes(client.raw))
        # Nothing of it comes later either: the next answer is to what is sent now.
        self.expect_failure(client.auth('X-FOO'), 'invalid-mechanism')

    def test_BI_TLS_01_in_segments_of_their_own(self):
        client = self.plain()
        client.open_stream()
        client.send(STARTTLS)
        client.send(plain_auth('alice', self.users['alice']))
        self.assertEqual(client.next().tag, raw.q(raw.TLS, 'proceed'))
        # The stray bytes are either thrown away or break the handshake; they are never obeyed.
        try:
            client.wrap()
            client.open_stream()
            self.assertNotEqual(client.mechanisms(), [])
        except (OSError, ssl.SSLError, raw.Closed):
            pass
        self.assertNotIn(b'<success', client.raw)

    def test_BI_TLS_02_auth_without_tls(self):
        secret = self.users['alice']
        for mechanism in ('PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-1', 'X-FOO'):
            with self.subTest(mechanism=mechanism):
                client = self.plain()
                client.open_stream()
                self.assertEqual(client.mechanisms(), [])
                starttls = client.features.find(raw.q(raw.TLS, 'starttls'))
                self.assertIsNotNone(starttls.find(raw.q(raw.TLS, 'required')))
                data = plain_auth('alice', secret).replace('PLAIN', mechanism)
                client.send(data)
                self.expect_failure(client.next(), 'encryption-required')
                # No side path: the right password does not open anything.
                client.send(data)
                try:
                    while True:
                        self.assertNotEqual(client.next(2).tag, raw.q(raw.SASL, 'success'))
                except (raw.Closed, raw.TimedOut):
                    pass
        log = '\n'.join(self.server.lines[self.log_start:])
        self.assertNotIn(base64.b64encode(('\0alice\0' + secret).encode()).decode(), log)

    def test_BI_TLS_02_no_session_without_tls(self):
        client = self.plain()
        client.open_stream()
        client.send("<iq type='set' id='b'><bind xmlns='%s'/></iq>" % raw.BIND)
        self.expect_stream_error(client, 'not-authorized')

    def test_BI_TLS_03_old_versions(self):
        warnings.simplefilter('ignore', DeprecationWarning)
        for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
            with self.subTest(version=version.name):
                context = raw.client_tls_context(version, version, ciphers='ALL:@SECLEVEL=0')
                with self.assertRaises((ssl.SSLError, ConnectionError)):
                    self.tls(context=context)
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = raw.client_tls_context(version, version)
            client = self.tls(context=context)
            self.assertEqual(client.socket.version(), {ssl.TLSVersion.TLSv1_2: 'TLSv1.2',
                                                       ssl.TLSVersion.TLSv1_3: 'TLSv1.3'}[version])
            self.assertNotEqual(client.open_stream(), None)
            self.assertIsNone(client.socket.compression())

    def test_BI_TLS_03_weak_ciphers(self):
        for ciphers in ('NULL:eNULL', 'aNULL', 'AES128-SHA', 'AES256-GCM-SHA384', 'ADH', '3DES'):
            with self.subTest(ciphers=ciphers):
                try:
                    context = raw.client_tls_context(maximum=ssl.TLSVersion.TLSv1_2,
                                                     ciphers=ciphers + ':@SECLEVEL=0')
                except ssl.SSLError:
                    continue  # this OpenSSL cannot even offer it
                with self.assertRaises((ssl.SSLError, ConnectionError)):
                    self.tls(context=context)

    def test_BI_TLS_04_renegotiation(self):
        client = self.openssl(self.server.tls_port, '-tls1_2')
        self.assertTrue(client.until_count(b'Verify return code', 1))
        cpu = self.server.cpu_seconds()
        asked = 0
        while asked < 1000 and client.write(b'R\n'):
            asked += 1
            if not client.until_count(b'RENEGOTIATING', asked):
                break
            client.read()
            if b'error:' in client.seen or b'closed' in client.seen:
                break
        else:
            self.fail('%d renegotiations were served' % asked)
        until(lambda: not client.read(0.05), 20, 'that the server ends the connection')
        self.assertLess(asked, 10)
        self.assertLess(self.server.cpu_seconds() - cpu, 1)

    def test_BI_TLS_04_key_updates(self):
        client = self.openssl(self.server.tls_port, '-tls1_3')
        self.assertTrue(client.until_count(b'Verify return code', 1))
        asked = 0
        while asked < 3000:
            if not client.write(b'K\n'):
                break
            asked += 1
            if not client.until_count(b'KEYUPDATE', asked):
                break
        self.assertLess(asked, 3000, 'key updates were served without end')
        until(lambda: not client.read(0.05), 20, 'that the server ends the connection')

    def test_BI_TLS_05_server_names(self):
        for name in (None, 'unknown.example', 'a' * 63 + '.' + 'b' * 63 + '.' + 'c' * 63 + '.' +
                     'd' * 61, 'chat.localhost'):
            with self.subTest(name=name):
                client = self.tls(server_hostname=name)
                client.open_stream()  # `to` is localhost: that decides
                self.assertEqual(client.header.get('from'), 'localhost')
                self.assertNotEqual(client.mechanisms(), [])
        client = self.tls(server_hostname='localhost')
        client.send(client.header_text(to='unknown.example'))
        self.expect_stream_error(client, 'host-unknown')

    def test_BI_TLS_06_other_host_after_tls(self):
        client = self.plain()
        client.open_stream()
        client.starttls()
        client.reader = StreamReader()
        client.send(client.header_text(to='other.example'))
        self.expect_stream_error(client, 'host-unknown')

    def test_BI_TLS_06_other_host_after_login(self):
        for to in ('other.example', 'chat.localhost'):
            with self.subTest(to=to):
                client = self.tls()
                client.open_stream()
                answer = client.auth_plain('alice', self.users['alice'])
                self.assertEqual(answer.tag, raw.q(raw.SASL, 'success'))
                client.reader = StreamReader()
                client.send(client.header_text(to=to))
                self.expect_stream_error(client, 'host-unknown', 'not-authorized')

    def test_BI_TLS_06_other_user_after_login(self):
        client = self.tls()
        client.open_stream()
        answer = client.auth_plain('alice', self.users['alice'])
        self.assertEqual(answer.tag, raw.q(raw.SASL, 'success'))
        client.reader = StreamReader()
        client.send(client.header_text(extra="from='bob@localhost'"))
        # RFC 6120 4.9.3.9 has invalid-from for this very case; others say not-authorized.
        self.expect_stream_error(client, 'not-authorized', 'invalid-from')

    def test_BI_TLS_06_the_own_name_after_login_is_fine(self):
        client = self.tls()
        client.open_stream()
        client.auth_plain('alice', self.users['alice'])
        client.open_stream(extra="from='alice@localhost'")
        self.assertTrue(client.bind().startswith('alice@localhost/'))

    def test_BI_TLS_07_early_data(self):
        # Without a ticket that allows it no client can send any.
        with tempfile.TemporaryDirectory() as folder:
            session = os.path.join(folder, 'session.pem')
            client = self.openssl(self.server.tls_port, '-tls1_3', '-sess_out', session)
            client.until_count(b'Verify return code', 1)
            client.write(b"<stream:stream>")
            for _ in range(50):
                if not client.read(0.1):
                    break
            self.assertNotRegex(client.seen.decode('utf-8', 'replace'),
                                r'Max Early Data: [1-9]')
            if os.path.exists(session):
                early = os.path.join(folder, 'early')
                with open(early, 'w') as f:
                    f.write(plain_auth('alice', self.users['alice']))
                again = self.openssl(self.server.tls_port, '-tls1_3', '-sess_in', session,
                                     '-early_data', early)
                for _ in range(50):
                    if not again.read(0.1) or b'Early data was' in again.seen:
                        break
                self.assertNotIn(b'Early data was accepted', again.seen)
                self.assertNotIn(b'<success', again.seen)

    def certificate(self, folder, subject, names):
        """A self-signed client certificate; the file holds its key too."""
        path = os.path.join(folder, 'client.pem')
        with open(os.path.join(folder, 'client.cnf'), 'w') as f:
            f.write('[req]\ndistinguished_name = dn\nprompt = no\n[dn]\n%s\n' % subject)
            f.write('[san]\nsubjectAltName = %s\n' % names)
        key = subprocess.run(
            ['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
             '-nodes', '-days', '1', '-keyout', '-', '-out', path, '-config', f.name,
             '-extensions', 'san'], check=True, capture_output=True, text=True).stdout
        with open(path, 'a') as f:
            f.write(key)
        return path

    def test_BI_TLS_08_nobody_gets_in_by_a_certificate(self):
        """None is asked for, so whatever stands in one opens nothing."""
        xmpp_address = 'otherName:1.3.6.1.5.5.7.8.5;UTF8:%s'
        for subject, names in (
                ('O = "x, CN=alice@localhost"\nCN = nobody', 'DNS:other.example'),
                ('CN = alice@localhost', xmpp_address % 'alice@localhost'),
                ('CN = x', xmpp_address % 'alice@other.example'),
                ('CN = x', 'DNS:*.localhost,email:alice@localhost')):
            with self.subTest(subject=subject), tempfile.TemporaryDirectory() as folder:
                path = self.certificate(folder, subject, names)
                context = raw.client_tls_context()
                context.load_cert_chain(path)
                client = self.tls(context=context)
                client.open_stream()
                self.assertNotIn('EXTERNAL', client.mechanisms())
                for initial in ('=', base64.b64encode(b'alice@localhost').decode()):
                    self.expect_failure(client.auth('EXTERNAL', initial), 'invalid-mechanism')
                client.send("<iq type='set' id='b'><bind xmlns='%s'/></iq>" % raw.BIND)
                self.expect_stream_error(client, 'not-authorized')
        with tempfile.TemporaryDirectory() as folder:
            path = self.certificate(folder, 'CN = alice@localhost', 'DNS:localhost')
            client = self.openssl(self.server.tls_port, '-cert', path, '-key', path)
            self.assertTrue(client.until_count(b'Verify return code', 1))
            self.assertIn(b'No client certificate CA names sent', client.seen)
            self.assertNotIn(b'Requested Signature Algorithms', client.seen)

    def test_BI_TLS_09_cut_off_in_mid_stanza(self):
        alice, bob = self.login('alice'), self.login('bob')
        alice.send("<message to='%s' id='half'><body>the rest never came</body>" % bob.jid)
        # Without close_notify: the TCP connection just ends.
        os.close(alice.socket.detach())
        alice.closed = True
        whole = self.login('alice')
        whole.send("<message to='%s' id='whole'><body>x</body></message>" % bob.jid)
        message = bob.wait(lambda e: e.tag == raw.q(raw.CLIENT, 'message'))
        self.assertEqual(message.get('id'), 'whole')

    def test_BI_TLS_12_starttls_where_it_does_not_belong(self):
        inside = self.tls()
        inside.open_stream()
        self.assertIsNone(inside.features.find(raw.q(raw.TLS, 'starttls')))
        self.expect_tls_failure(inside, STARTTLS)
        after = self.plain()
        after.open_stream()
        after.starttls()
        after.open_stream()
        self.expect_tls_failure(after, STARTTLS)
        for odd in ("<starttls xmlns='%s'><x/></starttls>" % raw.TLS,
                    "<starttls xmlns='%s'>text</starttls>" % raw.TLS):
            client = self.plain()
            client.open_stream()
            self.expect_tls_failure(client, odd)

    def expect_tls_failure(self, client, data):
        client.send(data)
        self.assertEqual(client.next().tag, raw.q(raw.TLS, 'failure'))
        client.wait_closed(15)
        self.assertTrue(client.reader.ended)

    def test_the_certificate_is_for_the_domain(self):
        """What a careful client does: checks the name against the file the server made."""
        ca = os.path.join(self.server.data, 'tls', 'fullchain.pem')
        client = self.tls(context=raw.client_tls_context(ca_file=ca))
        client.open_stream()
        with self.assertRaises(ssl.SSLCertVerificationError):
            self.tls(context=raw.client_tls_context(ca_file=ca), server_hostname='other.example')


if __name__ == '__main__':
    unittest.main()
