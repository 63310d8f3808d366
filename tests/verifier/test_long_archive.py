# SPDX-License-Identifier: Apache-2.0
"""Archives of more than a subtree, in several volumes, and checked by several processes."""

import os
import unittest

from archive_base import Base
from test_verify import make_vectors, names, run


class LongArchive(Base):
    def setUp(self):
        super().setUp()
        self.a = make_vectors.Archive()
        for n in range(700):
            self.a.add('n1.1', 101, {'n': n}, [('body', 'hi')], make_vectors.A)
        self.sizes = (100, 512, 650)

    def subtrees(self, db, first=0):
        for i in (0, 1):
            if 256 * (i + 1) > first:
                db.execute('INSERT INTO subtree VALUES (1, ?, ?)', (
                    i, make_vectors.mth(self.a.hashes[256 * i:256 * i + 256]).hex()))

    def test_subtrees(self):
        db = self.write(self.a, self.sizes)
        self.subtrees(db)
        self.expect()
        db.execute("UPDATE subtree SET hash = ? WHERE idx = 1", ('5a' * 32,))
        self.expect(('INDEX_STALE', 511))
        db.execute("DELETE FROM subtree WHERE idx = 1")
        self.expect(('INDEX_STALE', 511))

    def test_volumes(self):
        a, early = self.a, make_vectors.Archive()
        for kept in ('leaves', 'hashes', 'parts'):
            setattr(early, kept, getattr(a, kept)[:300])
        early.sources = {'n1.1': (300, a.hashes[299])}
        sealed = self.folder / 'archive.0001-2026-11.db'
        old = self.write(early, self.sizes[:1], path=sealed)
        self.subtrees(old)
        old.execute('DELETE FROM subtree WHERE idx = 1')
        old.execute('DELETE FROM head')
        new = self.write(a, self.sizes, first=300)
        self.subtrees(new, 300)
        old.close()
        os.chmod(sealed, 0o440)
        self.expect()
        self.assertIn('700 events, 650 of them', self.verify()[3])
        sealed.rename(self.folder / 'away')
        self.assertIn('SEQ_GAP', names(self.verify()[1]))

    def test_several_processes(self):
        db = self.write(self.a, self.sizes)
        db.execute("UPDATE event SET leaf = replace(leaf, 'n1.1', 'n1.2') WHERE seq = 650")
        status, findings, _, _ = run('--archive', self.path, '--jobs', 3)
        self.assertEqual((status, [(f['finding'], f['seq']) for f in findings]), (1, [('LEAF_MODIFIED', 650)]))


if __name__ == '__main__':
    unittest.main()
