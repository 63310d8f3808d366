# SPDX-License-Identifier: Apache-2.0
"""Archives for verify.py --archive: the tables of docs/archive-format.md, filled as the server does, for whoever
tampers with them as who owns the database can."""
import hashlib
import json
import pathlib
import shutil
import sqlite3
import tempfile
import unittest

from test_verify import KEYS, VECTORS, make_vectors, names, run

ARCHIVE = VECTORS['archive']
TABLES = '''
CREATE TABLE event (seq INTEGER PRIMARY KEY, leaf TEXT NOT NULL, leaf_hash TEXT NOT NULL, src TEXT, sn INTEGER,
                    event_id TEXT, t INTEGER, ts INTEGER, room INTEGER, rn INTEGER);
CREATE TABLE part (seq INTEGER, n INTEGER, kind TEXT, salt TEXT, data TEXT, PRIMARY KEY (seq, n));
CREATE TABLE head (src TEXT PRIMARY KEY, sn INTEGER, hash TEXT);
CREATE TABLE checkpoint (size INTEGER PRIMARY KEY, root TEXT, issued INTEGER, note TEXT);
CREATE TABLE subtree (level INTEGER, idx INTEGER, hash TEXT, PRIMARY KEY (level, idx));
CREATE TABLE manifest (number INTEGER PRIMARY KEY, request TEXT, sha256 TEXT, body TEXT);
CREATE TABLE archive_id (one INTEGER PRIMARY KEY, id TEXT);
INSERT INTO archive_id VALUES (1, '0123456789abcdef');
'''


def checkpoint(hashes, key=0, origin=make_vectors.NAME):
    return make_vectors.checkpoint(hashes, make_vectors.KEYS[key], origin=origin)


class Base(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.path = self.folder / 'archive.db'
        self.file = self.folder / 'published'

    def open(self, path=None):
        db = sqlite3.connect(path or self.path, isolation_level=None)
        self.addCleanup(db.close)
        db.executescript('PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY')
        return db

    def write(self, a, sizes, first=0, path=None, tables=TABLES):
        """The events of a from `first` on; returns the connection."""
        db = self.open(path)
        db.executescript(tables)
        db.execute('BEGIN')
        for seq in range(first, len(a.leaves)):
            self.insert(db, seq, a.leaves[seq], a.parts[seq])
        for n in sizes:
            self.sign(db, a.hashes[:n])
        for source, (sn, digest) in a.sources.items():
            db.execute('INSERT INTO head VALUES (?, ?, ?)', (source, sn, digest.hex()))
        db.execute('COMMIT')
        return db

    @staticmethod
    def insert(db, seq, text, parts):
        leaf = json.loads(text)
        room = int(leaf['room'][2:], 16) if 'room' in leaf else None
        if room is not None and room >= 2**63:
            room -= 2**64
        db.execute('INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)', (
            seq, text, hashlib.sha256(b'\0' + text.encode()).hexdigest(), leaf['src'], leaf['sn'], leaf['id'],
            leaf['t'], leaf['ts'], room, leaf.get('rn')))
        for n, (kind, salt, data) in enumerate(parts):
            db.execute('INSERT INTO part VALUES (?, ?, ?, ?, ?)', (seq, n, kind, salt.hex(), data))

    @staticmethod
    def sign(db, hashes, key=0):
        db.execute('INSERT OR REPLACE INTO checkpoint VALUES (?, ?, 1, ?)', (
            len(hashes), make_vectors.mth(hashes).hex(), checkpoint(hashes, key)))

    def verify(self, *more, key=0):
        return run('--archive', self.path, *more, key=key)

    def expect(self, *expected, more=()):
        """Findings exactly these; a finding is its name or (name, seq)."""
        status, findings, _, last = self.verify(*more)
        self.assertEqual(status, 1 if expected else 0, last)
        found = {f['finding'] for f in findings} | {(f['finding'], f.get('seq')) for f in findings}
        for one in expected:
            self.assertIn(one, found)
        self.assertEqual({e[0] if isinstance(e, tuple) else e for e in expected}, set(names(findings)), findings)
        return findings
