# SPDX-License-Identifier: Apache-2.0
"""A TCP proxy before PostgreSQL that knows where a statement begins: it refuses, cuts, falls silent or is
slow, and it does what a network does at the worst moment: it loses the answer to a COMMIT, or the COMMIT
itself, or delivers it when nobody waits for it any more. It can have the database fail a statement of
its choice. Without TLS (the databases of the tests offer none). A thread for each direction."""

import re
import socket
import struct
import threading

SSL_REQUEST, GSS_REQUEST = 80877103, 80877104
LOSE_ANSWER, LOSE_STATEMENT, LATE, FAIL = 'lose answer', 'lose statement', 'late', 'fail'
COMMIT = re.compile(r'\s*(COMMIT|END)\b', re.I)
BEGIN = re.compile(r'\s*(BEGIN|START)\b', re.I)
WITHIN = 30


class Fault:
    """What happens to one statement: the first for which `when(sql, database, before)` is true, where
    `before` is what was executed before it in its transaction."""

    def __init__(self, kind, when, sqlstate=None):
        self.kind, self.when, self.sqlstate = kind, when, sqlstate
        self.fired = threading.Event()    # its time has come
        self.release = threading.Event()  # LATE: let it through to the database now
        self.over = threading.Event()     # the database has dealt with it
        self.sql = None


def is_commit(database, table):
    """A COMMIT in this database of a transaction that writes to the table."""
    writes = re.compile(r'\b(?:INSERT INTO|UPDATE|DELETE FROM)\s+%s\b' % table, re.I)
    return lambda sql, of, before: (of == database and COMMIT.match(sql) is not None and
                                    any(map(writes.search, before)))


class Proxy:
    def __init__(self, upstream):
        """`upstream` gives the port of the database, whenever it is asked."""
        self.upstream = upstream
        self.delay = 0.0               # seconds that each round trip takes longer
        self.flowing = threading.Event()
        self.flowing.set()
        self.statements = []           # (database, sql) as they were executed, while `watching`
        self.watching = False
        self._lock = threading.Lock()
        self._fault = None
        self._connections = set()
        self._listener = None
        self.port = None
        self.accept()

    # ---- what the network does

    def accept(self):
        """Takes connections, also after refuse()."""
        if self._listener is not None:
            return
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(('127.0.0.1', self.port or 0))
        listener.listen(64)
        self.port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def refuse(self):
        """Nobody listens, and what was open is cut."""
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self.cut()

    def cut(self):
        for connection in self.connections():
            connection.close()

    def silence(self):
        """Bytes are swallowed by buffers, in both directions; connections stay."""
        self.flowing.clear()

    def speak(self):
        self.flowing.set()

    def arm(self, fault):
        with self._lock:
            self._fault = fault
        return fault

    def fail_nth(self, n, sqlstate, database):
        """The n-th statement from now on that is executed in the database fails there."""
        count = iter(range(1, n + 1))
        return self.arm(Fault(
            FAIL, lambda sql, of, _: of == database and next(count, n) == n, sqlstate))

    def disarm(self):
        self.arm(None)

    def connections(self):
        with self._lock:
            return list(self._connections)

    def close(self):
        self.refuse()
        self.flowing.set()

    # ---- within

    def _accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(('127.0.0.1', self.upstream()), WITHIN)
                server.settimeout(None)
            except OSError:
                abort(client)
                continue
            connection = Connection(self, client, server)
            with self._lock:
                self._connections.add(connection)
            connection.start()

    def forget(self, connection):
        with self._lock:
            self._connections.discard(connection)

    def fault_for(self, sql, database, before):
        with self._lock:
            if self.watching:
                self.statements.append((database, sql))
            fault = self._fault
            if fault is None or not fault.when(sql, database, before):
                return None
            self._fault = None
        fault.sql = sql
        return fault


def abort(sock):
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    except OSError:
        pass
    try:
        sock.shutdown(socket.SHUT_RDWR)  # wakes the thread that reads it
    except OSError:
        pass
    sock.close()


class Gone(Exception):
    pass


class Connection:
    """One client and its backend. The forward thread reads whole messages, and so does the other."""

    def __init__(self, proxy, client, server):
        self.proxy, self.client, self.server = proxy, client, server
        for sock in (client, server):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.database = None
        self.prepared = {}
        self.transaction = []
        self.muted = False                # what the database says is for nobody
        self.ready = threading.Event()    # it has said that it is ready, since it was muted

    def start(self):
        self._begin(self._forward)

    def _begin(self, loop):
        threading.Thread(target=self._run, args=(loop,), daemon=True).start()

    def _run(self, loop):
        try:
            loop()
        except (Gone, OSError):
            pass
        finally:
            self.close()

    def close(self):
        abort(self.client)
        abort(self.server)
        self.proxy.forget(self)

    @staticmethod
    def _exactly(sock, count):
        data = bytearray()
        while len(data) < count:
            piece = sock.recv(count - len(data))
            if not piece:
                raise Gone
            data += piece
        return bytes(data)

    def _message(self, sock, typed=True):
        head = self._exactly(sock, 5 if typed else 4)
        return head + self._exactly(sock, struct.unpack('!I', head[-4:])[0] - 4)

    # ---- from the client

    def _forward(self):
        message = self._message(self.client, typed=False)
        while struct.unpack('!I', message[4:8])[0] in (SSL_REQUEST, GSS_REQUEST):
            self._pass_on(message)
            self.client.sendall(self._exactly(self.server, 1))  # no
            message = self._message(self.client, typed=False)
        self._pass_on(message)
        words = message[8:].split(b'\0')
        self.database = dict(zip(words[::2], words[1::2])).get(b'database', b'').decode()
        self._begin(self._back)
        while True:
            message = self._message(self.client)
            sql = self._executed(message)
            fault = None
            if sql is not None:
                if BEGIN.match(sql):
                    self.transaction.clear()
                fault = self.proxy.fault_for(sql, self.database, self.transaction)
                self.transaction.append(sql)
            if fault:
                self._suffer(fault, message)
            else:
                self._pass_on(message)

    def _pass_on(self, message):
        if self.proxy.delay and message[:1] in (b'Q', b'S'):
            threading.Event().wait(self.proxy.delay)
        self.proxy.flowing.wait()
        self.server.sendall(message)

    def _executed(self, message):
        """The statement that it executes, or None."""
        kind, body = message[:1], message[5:]
        if kind == b'Q':
            return body.rstrip(b'\0').decode(errors='replace')
        if kind == b'P':
            name, text = body.split(b'\0')[:2]
            self.prepared[name] = text.decode(errors='replace')
        if kind == b'B':
            return self.prepared.get(body.split(b'\0')[1], '')
        return None

    def _whole(self, message):
        """With what belongs to it: of the extended protocol all up to Sync."""
        data = message
        while message[:1] not in (b'Q', b'S'):
            message = self._message(self.client)
            data += message
        return data

    def _suffer(self, fault, message):
        fault.fired.set()
        message = self._whole(message)
        if fault.kind == FAIL:
            self._pass_on(failing(fault))
            fault.over.set()
            return
        self.muted = True
        if fault.kind == LATE:
            abort(self.client)
            fault.release.wait(WITHIN)
        if fault.kind != LOSE_STATEMENT:
            self.server.sendall(message)
            self.ready.wait(WITHIN)
        fault.over.set()
        raise Gone

    # ---- from the database

    def _back(self):
        while True:
            self._deliver(self._message(self.server))

    def _deliver(self, message):
        if self.muted:
            if message[:1] == b'Z':
                self.ready.set()
            return
        self.proxy.flowing.wait()
        if not self.muted:
            self.client.sendall(message)


def failing(fault):
    """A statement that fails in the database as asked; a COMMIT that fails leaves no transaction."""
    text = "DO $$ BEGIN RAISE EXCEPTION 'made to fail' USING ERRCODE = '%s'; END $$" % fault.sqlstate
    if COMMIT.match(fault.sql):
        text = 'ROLLBACK; ' + text
    body = text.encode() + b'\0'
    return b'Q' + struct.pack('!I', len(body) + 4) + body
