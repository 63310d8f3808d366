# SPDX-License-Identifier: Apache-2.0
"""Archives on SQLite, made here and then tampered with: what verify.py finds, and that it is all."""

import hashlib
import json
import os
import pathlib
import sqlite3
import unittest

from archive_base import ARCHIVE, Base, TABLES, checkpoint
from test_verify import VECTORS, make_vectors, names


class SmallArchive(Base):
    def setUp(self):
        super().setUp()
        self.a = make_vectors.small_archive()
        self.assertEqual([e['leaf'] for e in ARCHIVE['events']], self.a.leaves)
        self.db = self.write(self.a, (3, 9, 13))
        self.file.write_text(ARCHIVE['published'], encoding='utf-8', newline='')

    def edit(self, seq, old, new, rehash=False):
        text, = self.db.execute('SELECT leaf FROM event WHERE seq = ?', (seq,)).fetchone()
        self.assertIn(old, text)
        text = text.replace(old, new, 1)
        self.db.execute('UPDATE event SET leaf = ? WHERE seq = ?', (text, seq))
        if rehash:
            self.db.execute('UPDATE event SET leaf_hash = ? WHERE seq = ?', (
                hashlib.sha256(b'\0' + text.encode()).hexdigest(), seq))

    def test_clean(self):
        status, findings, told, last = self.verify('--checkpoints', self.file)
        self.assertEqual((status, findings, told), (0, [], []))
        self.assertIn('13 events, 13 of them under a checkpoint', last)

    def test_a_byte_of_each_leaf(self):  # C24
        for seq, text in enumerate(self.a.leaves):
            self.edit(seq, '"ts":17', '"ts":18')
            self.assertEqual(len(self.expect(('LEAF_MODIFIED', seq), more=('--checkpoints', self.file))), 1)
            self.db.execute('UPDATE event SET leaf = ? WHERE seq = ?', (text, seq))
        self.expect()

    def test_a_leaf_with_its_hash(self):  # denied by the next one of its source; the root shows it as well
        self.edit(4, '"stanza_id":"abc"', '"stanza_id":"abd"', rehash=True)
        self.assertEqual([f['seq'] for f in self.expect(('LEAF_MODIFIED', 4), 'ROOT_MISMATCH')
                          if f['finding'] == 'LEAF_MODIFIED'], [4])

    def test_the_hash_before_changed(self):  # denies the one before, but is denied itself
        sp = json.loads(self.a.leaves[4])['sp']
        self.edit(4, sp, make_vectors.b64(bytes(31) + b'1'), rehash=True)
        self.assertEqual([f['seq'] for f in self.expect(('LEAF_MODIFIED', 4), 'ROOT_MISMATCH')
                          if f['finding'] == 'LEAF_MODIFIED'], [4])

    def test_the_last_of_a_source(self):  # the next start names its hash
        self.edit(8, 'SIGTERM', 'SIGQUIT', rehash=True)
        self.db.execute("UPDATE head SET hash = (SELECT leaf_hash FROM event WHERE seq = 8) WHERE src = 'n1.1'")
        self.expect(('LEAF_MODIFIED', 8), 'ROOT_MISMATCH')

    def test_only_a_hash(self):
        self.db.execute("UPDATE event SET leaf_hash = ? WHERE seq = 5", ('5a' * 32,))
        self.expect(('LEAF_MODIFIED', 5), 'ROOT_MISMATCH')
        self.db.execute("UPDATE event SET leaf_hash = ? WHERE seq = 5", ('no' * 32,))
        self.expect(('LEAF_MODIFIED', 5))

    def test_columns(self):  # C25
        for column, value in (('src', 'n1.3'), ('sn', 77), ('event_id', 'x'), ('t', 1), ('ts', 1), ('room', 1),
                              ('rn', 9), ('rn', None), ('sn', 'x')):
            old, = self.db.execute('SELECT %s FROM event WHERE seq = 4' % column).fetchone()
            self.db.execute('UPDATE event SET %s = ? WHERE seq = 4' % column, (value,))
            self.expect(('PROJECTION_MISMATCH', 4))
            self.db.execute('UPDATE event SET %s = ? WHERE seq = 4' % column, (old,))
        self.db.execute("UPDATE part SET kind = 'x' WHERE seq = 4 AND n = 1")
        self.expect(('PROJECTION_MISMATCH', 4))

    def test_parts(self):
        for statement, name in (
                ("UPDATE part SET data = 'x' WHERE seq = 4 AND n = 0", 'PART_MODIFIED'),
                ("UPDATE part SET salt = upper(salt) || '0' WHERE n = 1 AND seq = 4", 'PART_MODIFIED'),
                ("UPDATE part SET salt = 'x' WHERE seq = 4 AND n = 2", 'PART_MODIFIED'),
                ("DELETE FROM part WHERE seq = 7 AND n = 0", 'PART_MISSING'),
                ("INSERT INTO part VALUES (7, 9, 'body', '', '')", 'PART_MODIFIED'),
                ("INSERT INTO part VALUES (77, 0, 'body', '', '')", 'PART_MODIFIED')):
            self.db.execute('BEGIN')
            self.db.execute(statement)
            self.db.execute('COMMIT')
            self.assertIn(name, names(self.verify()[1]))
        self.assertEqual(sorted({f['seq'] for f in self.verify()[1]}), [4, 7, 77])

    def test_parts_of_no_event(self):  # one is named wherever no event is
        for seq in (-7, -6, 13, 14):
            self.db.execute("INSERT INTO part VALUES (?, 0, 'body', '', '')", (seq,))
        self.db.execute('DELETE FROM event WHERE seq = 4')
        found = [f['seq'] for f in self.verify()[1] if f['finding'] == 'PART_MODIFIED']
        self.assertEqual(found, [-7, 4, 13])

    def test_a_part_emptied_though_no_event_says_so(self):
        self.db.execute("UPDATE part SET data = '', salt = '' WHERE seq = 4 AND n = 0")
        self.assertEqual(len(self.expect(('PART_MISSING', 4))), 1)

    def test_the_tail_cut(self):  # C26 (a)
        self.db.executescript('DELETE FROM event WHERE seq >= 10; DELETE FROM part WHERE seq >= 10;'
                              'DELETE FROM checkpoint WHERE size > 10; DELETE FROM head WHERE src = "n1.2"')
        self.db.execute("INSERT INTO head VALUES ('n1.2', 1, ?)", (self.a.hashes[9].hex(),))
        self.expect()  # nothing in the database shows it
        self.expect('TRUNCATED', more=('--checkpoints', self.file))
        self.db.execute('INSERT INTO checkpoint VALUES (13, ?, 1, ?)', (
            make_vectors.mth(self.a.hashes).hex(), checkpoint(self.a.hashes)))
        self.expect('TRUNCATED')

    def test_the_tail_of_a_source_cut(self):  # the next start knows how far it went
        self.db.executescript('DELETE FROM event WHERE seq = 8; UPDATE event SET seq = seq - 1 WHERE seq > 8;'
                              'UPDATE part SET seq = seq - 1 WHERE seq > 8; DELETE FROM checkpoint WHERE size > 3')
        self.db.execute("UPDATE head SET sn = 8, hash = ? WHERE src = 'n1.1'", (self.a.hashes[7].hex(),))
        self.expect('SRC_GAP')

    def test_a_row_removed(self):
        self.db.execute('DELETE FROM part WHERE seq = 4')
        self.db.execute('DELETE FROM event WHERE seq = 4')
        self.expect(('SEQ_GAP', 5), ('SRC_GAP', 5), ('ROOM_GAP', 7))

    def test_a_row_removed_and_the_rest_renumbered(self):  # C26 (c)
        self.db.executescript('DELETE FROM part WHERE seq = 4; DELETE FROM event WHERE seq = 4;'
                              'UPDATE event SET seq = seq - 1 WHERE seq > 4;'
                              'UPDATE part SET seq = seq - 1 WHERE seq > 4')
        self.expect('ROOT_MISMATCH', 'SRC_GAP', 'ROOM_GAP', 'TRUNCATED')

    def test_a_row_put_in(self):
        for table in ('event', 'part'):
            self.db.execute('UPDATE %s SET seq = -seq - 1 WHERE seq > 4' % table)
            self.db.execute('UPDATE %s SET seq = -seq WHERE seq < 0' % table)
        self.insert(self.db, 5, self.a.leaves[4], self.a.parts[4])
        self.expect(('SRC_DUP', 5), 'ROOT_MISMATCH')
        self.edit(5, '"mono":', '"mono":1', rehash=True)
        self.expect(('SRC_FORK', 5), 'ROOT_MISMATCH')

    def test_a_source_taken_away(self):
        a = make_vectors.Archive()
        a.add('n1.5', 606, {'version': '0'})
        a.add('n1.7', 606, {'version': '0', 'previous': {'source': 'n1.6', 'last_sn': 4, 'hash': '5a' * 32}})
        self.path = self.folder / 'other.db'
        self.write(a, (2,))
        self.expect(('SRC_GAP', 1))

    def test_heads(self):
        self.db.execute("UPDATE head SET sn = 3 WHERE src = 'n1.1'")
        self.expect('INDEX_STALE')
        self.db.execute("DELETE FROM head WHERE src = 'n1.1'")
        self.expect('INDEX_STALE')

    def test_checkpoints(self):
        sign, a = self.sign, self.a
        self.db.execute("UPDATE checkpoint SET note = replace(note, 'localhost', 'lokalhost')")
        self.assertIn('KEY_UNKNOWN', names(self.verify()[1]))
        for n in (3, 9, 13):
            sign(self.db, a.hashes[:n])
        self.expect()
        self.db.execute("UPDATE checkpoint SET root = ? WHERE size = 9", ('5a' * 32,))
        self.expect('CKPT_INCONSISTENT')
        self.db.execute("UPDATE checkpoint SET note = replace(note, ?, ?) WHERE size = 9", (
            make_vectors.b64(make_vectors.mth(a.hashes[:9])), make_vectors.b64(bytes(32))))
        self.expect('CKPT_INCONSISTENT', 'CKPT_SIG_BAD', 'ROOT_MISMATCH')
        self.db.execute('DELETE FROM checkpoint')
        self.assertEqual(self.verify()[0], 3)
        self.assertEqual(self.verify('--checkpoints', self.file)[0], 0)
        sign(self.db, a.hashes, 1)
        self.assertEqual(names(self.verify('--checkpoints', self.file)[1]), ['KEY_UNKNOWN'])

    def test_all_signed_anew(self):  # C29: the key is stolen; a checkpoint that was kept tells
        self.db.close()
        self.path.unlink()
        other = make_vectors.Archive()
        for text, parts in zip(self.a.leaves, self.a.parts):
            leaf = json.loads(text)
            data = [(kind, d if d != 'A plague' else 'A blessing') for kind, _, d in parts]
            read = 'room' in leaf and 'rp' not in leaf
            other.add(leaf['src'], leaf['t'], dict(leaf['d']), data, leaf.get('room'), read)
        self.db = self.write(other, (3, 9, 13))
        self.expect()
        findings = self.expect('CKPT_INCONSISTENT', more=('--checkpoints', self.file))
        self.assertIn('checkpoint of 13', findings[0]['where'])

    def test_of_another_archive(self):
        self.db.execute("UPDATE archive_id SET id = 'ffffffffffffffff'")
        self.expect('CKPT_INCONSISTENT')

    def test_a_published_file(self):
        whole = self.file.read_bytes()
        for text, wrong, torn in ((whole, 0, 0), (whole[:-1], 0, 1), (whole[:-30], 0, 1), (whole + b'x\n1', 0, 1),
                                  (whole.replace(b'\n13\n', b'\n12\n'), 1, 0), (b'x\n\n' + whole, 0, 1), (b'', 0, 0)):
            self.file.write_bytes(text)
            _, findings, told, _ = self.verify('--checkpoints', self.file)
            self.assertEqual((bool(findings), names(told)), (bool(wrong), ['CKPT_SIG_BAD'] * torn), text)
        self.file.write_text(checkpoint(self.a.hashes[:7]), encoding='utf-8')
        self.assertEqual(self.verify('--checkpoints', self.file, '--checkpoints', self.file)[0], 0)
        self.assertEqual(self.verify('--checkpoints', self.folder / 'none')[0], 3)

    def test_a_torn_note_hides_none_behind_it(self):
        first, second, third = ARCHIVE['checkpoints']
        self.db.executescript('DELETE FROM checkpoint; DELETE FROM head; DELETE FROM event WHERE seq >= 10;'
                              'DELETE FROM part WHERE seq >= 10')
        for source, n, seq in (('n1.1', 9, 8), ('n1.2', 1, 9)):
            self.db.execute('INSERT INTO head VALUES (?, ?, ?)', (source, n, self.a.hashes[seq].hex()))
        self.file.write_text(first + '\n' + second[:-30] + '\n\n' + third + '\n', encoding='utf-8', newline='')
        self.expect('TRUNCATED', more=('--checkpoints', self.file))

    def test_manifests(self):
        before = ''
        for n, folder in enumerate([f for f in VECTORS['folders'] if 'manifest.json' in f['files']], 1):
            text = folder['files']['manifest.json']
            self.assertEqual(json.loads(text)['previous'], before)
            before = hashlib.sha256(text.encode()).hexdigest()
            self.db.execute('INSERT INTO manifest VALUES (?, ?, ?, ?)', (n, str(n), before, text))
        self.expect()
        self.db.execute('DELETE FROM manifest WHERE number = 2')
        self.expect('FILE_MODIFIED')
        self.db.execute('DELETE FROM manifest WHERE number > 2')
        self.expect()
        self.db.execute("UPDATE manifest SET body = body || ' '")
        self.expect('FILE_MODIFIED')
        for body in ('{"number":1,"previous":""}\n', '{}', ''):
            self.db.execute('UPDATE manifest SET body = ?, sha256 = ?', (
                body, hashlib.sha256(body.encode()).hexdigest()))
            self.expect('FILE_MODIFIED')

    def test_the_tables_of_the_server(self):
        self.path = self.folder / 'other.db'
        schema = pathlib.Path(__file__).resolve().parents[2] / 'db/schema/sqlite/archive'
        db = self.write(self.a, (3, 9, 13), tables='\n'.join(
            path.read_text(encoding='utf-8') for path in sorted(schema.glob('*.sql'))) +
            "DROP TRIGGER archive_id_no_update; UPDATE archive_id SET id = '0123456789abcdef';")
        self.expect(more=('--checkpoints', self.file))
        for what in ("UPDATE event SET leaf = 'x'", 'DELETE FROM part', 'DELETE FROM checkpoint'):
            self.assertRaises(sqlite3.Error, db.execute, what)

    def test_odd_values(self):
        """Whatever is put into a column, it is told in words."""
        odd = (None, 0, -1, 2**62, -2**63, '', 'x', '5a' * 32, b'\xff\xfe', b'\0', 1.5, 'a\0b')
        self.path, tables = self.folder / 'other.db', TABLES.replace(' NOT NULL', '')
        for kind in ('TEXT', 'INTEGER'):
            tables = tables.replace(' %s,' % kind, ',').replace(' %s)' % kind, ')')
        db = self.write(self.a, (3, 9, 13), tables=tables)
        text = VECTORS['folders'][0]['files']['manifest.json']
        db.execute('INSERT INTO manifest VALUES (1, 0, ?, ?)', (hashlib.sha256(text.encode()).hexdigest(), text))
        self.expect()
        for table, columns in (('event', 'leaf leaf_hash src sn event_id t ts room rn'), ('head', 'src sn hash'),
                               ('part', 'seq n kind salt data'), ('checkpoint', 'root note'),
                               ('manifest', 'sha256 body'), ('archive_id', 'id')):
            for column in columns.split():
                row, old = db.execute('SELECT max(rowid), %s FROM %s' % (column, table)).fetchone()
                for value in odd:
                    change = 'UPDATE %s SET %s = ? WHERE rowid = ?' % (table, column)
                    db.execute(change, (value, row))
                    self.assertEqual(self.verify()[0], 0 if value == old else 1, (table, column, value))
                    db.execute(change, (old, row))

    def test_no_database(self):
        self.db.close()
        self.path.write_bytes(b'not a database, but long enough to be read as the header of one' * 20)
        self.assertEqual(self.verify()[0], 3)

    def test_it_only_reads(self):
        self.db.close()
        os.chmod(self.path, 0o400)
        before = self.path.read_bytes()
        self.expect()
        self.assertEqual(self.path.read_bytes(), before)


class Losses(Base):
    """612: an older copy of the archive was put back."""
    def archive(self, told, first=4, last=6):
        a, d = make_vectors.Archive(), {'kind': 'groupchat', 'keep': True}
        room = make_vectors.A
        a.add('n1.1', 606, {'version': '0'})
        for n in range(1, 9):
            a.add('n1.1', 101, d, [], room)
        if told:
            a.add('n1.2', 606, {'version': '0', 'previous': {
                'source': 'n1.1', 'last_sn': 9, 'hash': a.sources['n1.1'][1].hex()}})
            a.add('n1.2', 612, {'older': 'archive', 'source': 'n1.1', 'content_sn': 9, 'archive_sn': 3,
                                'lost_first_sn': first, 'lost_last_sn': last})
        for kept in (a.leaves, a.hashes, a.parts):
            del kept[3:6]
        return a

    def check(self, a):
        self.write(a, (len(a.leaves),))
        status, findings, told, _ = self.verify()
        return status, names(findings), names(told)

    def test_explained(self):
        self.assertEqual(self.check(self.archive(True)), (0, [], ['ROOM_GAP', 'SRC_GAP']))

    def test_not_explained(self):
        self.assertEqual(self.check(self.archive(False)), (1, ['ROOM_GAP', 'SRC_GAP'], []))

    def test_explained_in_part(self):
        self.assertEqual(self.check(self.archive(True, 5, 6)), (1, ['ROOM_GAP', 'SRC_GAP'], []))

    def test_a_room_from_before(self):
        a = make_vectors.Archive()
        a.rooms[make_vectors.A] = 5, bytes(31) + b'1'
        a.add('n1.4', 606, {'version': '0', 'previous': {'source': 'n1.3', 'last_sn': 2, 'hash': '5a' * 32}})
        a.add('n1.4', 101, {}, [], make_vectors.A)
        self.assertEqual(self.check(a), (0, [], ['ROOM_GAP']))


if __name__ == '__main__':
    unittest.main()
