# SPDX-License-Identifier: Apache-2.0
"""A raw XMPP client on sockets: what is sent is exactly what the test says, what comes back is kept.

Standard library only. Every wait has a deadline and polls for its condition; nothing sleeps.
"""

import base64
import itertools
import os
import select
import socket
import ssl
import time
from xml.sax.saxutils import escape, quoteattr

from scram import Scram
from stanza import (  # noqa: F401 tests say raw.… to all of these
    STREAMS, STREAM_ERRORS, STANZA_ERRORS, CLIENT, TLS, SASL, BIND, PING, MUC, MUC_USER, MUC_OWNER, DELAY,
    STANZA_ID, DISCO_INFO, q, local_name, to_text, status_codes, is_room_message, is_delayed, error_of,
    stream_condition, sasl_condition)
from stream_reader import StreamReader

# A sanitizer build on two busy cores: a deadline is for "never", not for "slow".
PATIENCE = float(os.environ.get('INTEGRATION_PATIENCE', '20'))


class Closed(Exception):
    """The peer ended the TCP connection (or TLS) while something was awaited."""


class TimedOut(AssertionError):
    """What was awaited did not come."""


def client_tls_context(minimum=None, maximum=None, ca_file=None, ciphers=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca_file:
        context.load_verify_locations(ca_file)
    else:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if ciphers:
        context.set_ciphers(ciphers)
    if minimum:
        context.minimum_version = minimum
    if maximum:
        context.maximum_version = maximum
    return context


class Raw:
    """One connection. `raw` holds every byte that came, after decryption."""

    _ids = itertools.count(1)

    def __init__(self, port, tls=False, source=None, domain='localhost', context=None,
                 server_hostname='localhost', receive_buffer=None):
        self.domain = domain
        self.raw = bytearray()
        self.closed = False
        self.reset = False
        self.reader = StreamReader()
        self.jid = None
        self.features = None
        self.refusals = 0  # stream errors and SASL failures that came
        self.started_at = time.monotonic()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(PATIENCE)
        try:
            if source:
                self.socket.bind((source, 0))
            self.socket.connect(('127.0.0.1', port))
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if tls:
                self.wrap(context, server_hostname)
        except BaseException:
            self.socket.close()
            raise

    # ---- bytes

    def wrap(self, context=None, server_hostname='localhost'):
        context = context or client_tls_context()
        self.socket.settimeout(PATIENCE)
        self.socket = context.wrap_socket(self.socket, server_hostname=server_hostname)

    @property
    def encrypted(self):
        return isinstance(self.socket, ssl.SSLSocket)

    def send(self, data):
        """Sends all of it; a peer that has gone is not an error here but at the next read."""
        if isinstance(data, str):
            data = data.encode()
        try:
            self.socket.settimeout(PATIENCE)
            self.socket.sendall(data)
            return True
        except (ConnectionError, ssl.SSLError, OSError):
            return False

    def _receive(self, timeout):
        """Reads what is there, waiting at most `timeout`. False if nothing came."""
        if self.closed:
            return False
        if not (self.encrypted and self.socket.pending()):
            readable, _, _ = select.select([self.socket], [], [], max(0.0, timeout))
            if not readable:
                return False
        try:
            self.socket.settimeout(max(0.05, timeout))
            data = self.socket.recv(262144)
        except (ssl.SSLWantReadError, socket.timeout):
            return False
        except ssl.SSLEOFError:
            self.closed = True
            return True
        except (ConnectionError, ssl.SSLError):
            self.closed = self.reset = True
            return True
        if not data:
            self.closed = True
            return True
        self.raw += data
        known = len(self.reader.elements)
        self.reader.feed(data)
        self.refusals += sum(e.tag in (q(STREAMS, 'error'), q(SASL, 'failure'))
                             for e in self.reader.elements[known:])
        return True

    def pump(self, done, timeout=None, what='an answer'):
        """Reads until done() is true; its value is returned."""
        deadline = time.monotonic() + (PATIENCE if timeout is None else timeout)
        while True:
            value = done()
            if value:
                return value
            if self.closed:
                raise Closed('the connection ended while waiting for %s; last came %r' %
                             (what, bytes(self.raw[-300:])))
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimedOut('no %s; last came %r' % (what, bytes(self.raw[-300:])))
            self._receive(left)

    def drain(self):
        """Takes in what has already arrived."""
        while self._receive(0):
            pass

    def close(self):
        """Ends the TCP connection without a word."""
        self.closed = True
        try:
            self.socket.close()
        except OSError:
            pass

    def abort(self):
        """RST instead of FIN."""
        try:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\1\0\0\0\0\0\0\0')
        except OSError:
            pass
        self.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # ---- elements

    def next(self, timeout=None, what='element'):
        self.pump(lambda: self.reader.elements, timeout, what)
        return self.reader.elements.pop(0)

    def wait(self, matches, timeout=None, what='matching element'):
        """The first element that matches; the others stay where they are."""
        def find():
            for i, element in enumerate(self.reader.elements):
                if matches(element):
                    return [self.reader.elements.pop(i)]
            return None
        return self.pump(find, timeout, what)[0]

    def wait_closed(self, timeout=5 * 2):
        def ended():
            return self.closed
        self.pump(ended, timeout, 'end of the connection')

    # ---- the stream

    def header_text(self, to=None, extra='', ns=CLIENT, version='1.0', declaration=True):
        to = self.domain if to is None else to
        return ("%s<stream:stream xmlns='%s' xmlns:stream='%s'%s%s %s>" %
                ("<?xml version='1.0'?>" if declaration else '', ns, STREAMS,
                 " to=%s" % quoteattr(to) if to is not False else '',
                 " version='%s'" % version if version else '', extra))

    def open_stream(self, **options):
        """Sends a stream header on a fresh parser and returns the features."""
        self.reader = StreamReader()
        self.send(self.header_text(**options))
        self.features = self.next(what='stream features')
        if self.features.tag != q(STREAMS, 'features'):
            raise AssertionError('not features but %s' % to_text(self.features))
        return self.features

    @property
    def header(self):
        return self.reader.header

    def mechanisms(self):
        return [m.text for m in self.features.iter(q(SASL, 'mechanism'))]

    def starttls(self, context=None, server_hostname='localhost'):
        self.send("<starttls xmlns='%s'/>" % TLS)
        answer = self.next(what='<proceed/>')
        if answer.tag != q(TLS, 'proceed'):
            raise AssertionError('not <proceed/> but %s' % to_text(answer))
        self.wrap(context, server_hostname)
        return self

    # ---- SASL

    def auth(self, mechanism, initial=None):
        self.send("<auth xmlns='%s' mechanism='%s'>%s</auth>" %
                  (SASL, mechanism, '' if initial is None else initial))
        return self.next(what='an answer to <auth/>')

    def auth_plain(self, user, password, authzid=''):
        text = '\0'.join((authzid, user, password)).encode()
        return self.auth('PLAIN', base64.b64encode(text).decode())

    def respond(self, data):
        if isinstance(data, str):
            data = data.encode()
        self.send("<response xmlns='%s'>%s</response>" % (SASL, base64.b64encode(data).decode()))
        return self.next(what='an answer to <response/>')

    def auth_scram(self, user, password, mechanism='SCRAM-SHA-256', **bend):
        """A whole exchange; returns the last element. `bend` overrides parts, see Scram."""
        exchange = Scram(user, password, mechanism, **bend)
        answer = self.auth(mechanism, base64.b64encode(exchange.first().encode()).decode())
        if answer.tag != q(SASL, 'challenge'):
            return answer
        answer = self.respond(exchange.final(base64.b64decode(answer.text).decode()))
        if answer.tag == q(SASL, 'success') and not exchange.server_is_genuine(answer.text):
            raise AssertionError('the server did not prove that it knows the password')
        return answer

    def login(self, user, password, mechanism='SCRAM-SHA-256', resource=None):
        """From a connected socket to a bound session."""
        self.open_stream()
        if not self.encrypted and self.features.find(q(TLS, 'starttls')) is not None:
            self.starttls()
            self.open_stream()
        answer = (self.auth_plain(user, password) if mechanism == 'PLAIN'
                  else self.auth_scram(user, password, mechanism))
        if answer.tag != q(SASL, 'success'):
            raise AssertionError('%s could not log in: %s' % (user, to_text(answer)))
        self.open_stream()
        self.bind(resource)
        return self

    def bind(self, resource=None):
        inner = '<resource>%s</resource>' % escape(resource) if resource else ''
        answer = self.request("<bind xmlns='%s'>%s</bind>" % (BIND, inner), type='set')
        if answer.get('type') != 'result':
            raise AssertionError('no binding: %s' % to_text(answer))
        self.jid = answer.find('.//' + q(BIND, 'jid')).text
        return self.jid

    # ---- stanzas

    def new_id(self):
        return 'r%d' % next(self._ids)

    def request(self, payload, to=None, type='get', timeout=None):
        stanza_id = self.new_id()
        self.send("<iq type='%s' id='%s'%s>%s</iq>" %
                  (type, stanza_id, " to=%s" % quoteattr(to) if to else '', payload))
        return self.wait(lambda e: e.tag == q(CLIENT, 'iq') and e.get('id') == stanza_id and
                         e.get('type') in ('result', 'error'), timeout, 'answer to an iq')

    def ping(self, to=None, timeout=None):
        return self.request("<ping xmlns='%s'/>" % PING, to, timeout=timeout)

    def join(self, room, nick, history="maxstanzas='0'", timeout=None):
        """Enters and returns (self-presence, [history], subject); a new room is made instant."""
        me = '%s/%s' % (room, nick)
        self.send("<presence to=%s><x xmlns='%s'>%s</x></presence>" %
                  (quoteattr(me), MUC, '<history %s/>' % history if history else ''))
        own = self.wait(lambda e: e.tag == q(CLIENT, 'presence') and e.get('from') == me and
                        (e.get('type') == 'error' or '110' in status_codes(e)),
                        timeout, 'self-presence in ' + room)
        if own.get('type') == 'error':
            return own, [], None
        if '201' in status_codes(own):
            answer = self.request(
                "<query xmlns='%s'><x xmlns='jabber:x:data' type='submit'/></query>" % MUC_OWNER,
                to=room, type='set')
            if answer.get('type') != 'result':
                raise AssertionError('no instant room: %s' % to_text(answer))
        subject = self.wait(lambda e: e.tag == q(CLIENT, 'message') and
                            e.get('type') == 'groupchat' and
                            e.get('from', '').split('/')[0] == room and
                            e.find(q(CLIENT, 'subject')) is not None and
                            e.find(q(CLIENT, 'body')) is None, timeout, 'subject of ' + room)
        past = [e for e in self.reader.elements if is_room_message(e, room) and is_delayed(e)]
        self.reader.elements = [e for e in self.reader.elements if e not in past]
        return own, past, subject

    def say(self, room, body, stanza_id=None):
        stanza_id = stanza_id or self.new_id()
        self.send("<message to=%s type='groupchat' id=%s><body>%s</body></message>" %
                  (quoteattr(room), quoteattr(stanza_id), escape(body)))
        return stanza_id

    def hear(self, room, body, timeout=None):
        return self.wait(lambda e: is_room_message(e, room) and
                         e.findtext(q(CLIENT, 'body')) == body, timeout, 'message %r' % body)

    def leave(self, room, nick, timeout=None):
        me = '%s/%s' % (room, nick)
        self.send("<presence type='unavailable' to=%s/>" % quoteattr(me))
        return self.wait(lambda e: e.tag == q(CLIENT, 'presence') and e.get('from') == me and
                         e.get('type') == 'unavailable', timeout, 'own leave of ' + room)

    def end(self):
        """A polite end of the stream."""
        if self.send('</stream:stream>'):
            try:
                self.pump(lambda: self.reader.ended or self.closed, what='</stream:stream>')
            except (Closed, TimedOut):
                pass
        self.close()
