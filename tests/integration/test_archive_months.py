# SPDX-License-Identifier: Apache-2.0
"""Three months of a server on SQLite, whose clock is set forward: the archive is a file a month, sealed, and
commands, both verifiers and a backup read all of them as one."""

import glob
import hashlib
import os
import stat
import unittest

from harness import until
from said_case import ROOM, ClockCase
from storage import ARCHIVE, Sqlite

MONTH = 32 * 24 * 3600


def digest(path):
    with open(path, 'rb') as f:
        return hashlib.sha256(f.read()).hexdigest()


class Months(ClockCase):
    def setUp(self):
        super().setUp()
        if not isinstance(self.server.storage, Sqlite):
            self.skipTest('SKIPPED: PostgreSQL\'s archive is one database')

    def sealed(self):
        stem = os.path.splitext(self.server.storage.path(ARCHIVE))[0]
        return sorted(glob.glob(stem + '.*-*.db'))

    def next_month(self, number):
        """The clock goes on by a month; the file of the one before is sealed after its first events."""
        self.set(number * MONTH)
        self.say('the first of month %d' % number)
        until(lambda: len(self.sealed()) == number, 60, 'a sealed file')

    def test_three_months(self):
        self.server.start()
        self.enter()
        self.say_some('month 0')
        self.next_month(1)
        first = digest(self.sealed()[0])
        self.say_some('month 1')
        self.client.end()
        self.server.kill9()
        self.server.start()
        kept = self.said
        self.enter()
        self.said = kept
        self.say_some('month 1, after a crash')
        self.next_month(2)
        self.say_some('month 2')
        for path in self.sealed():
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o440, path)
        self.assertEqual(digest(self.sealed()[0]), first)
        copies = os.path.join(self.folder, 'copies')
        names = [file['file'] for file in self.done('db', 'backup', copies)['files']]
        for path in self.sealed():
            self.assertIn(os.path.basename(path), names)
            self.assertEqual(digest(os.path.join(copies, os.path.basename(path))), digest(path))
        self.end()
        self.clean()

        # A checkpoint alone, as an export has it, is held against all of them.
        with open(os.path.join(self.folder, 'export', 'checkpoint.note')) as f:
            note = f.read()
        alone = os.path.join(self.folder, 'alone.note')
        for text, expected in ((note, (set(), 0)),
                               (note.replace('/archive/', '/archiv3/', 1), ({'CKPT_SIG_BAD'}, 1)),
                               ('nothing of the kind', (set(), 2))):
            with open(alone, 'w') as f:
                f.write(text)
            findings, _, code = self.verify('--key', self.key(), '--checkpoints', alone)
            self.assertEqual((findings, code), expected)

        # One of them is missing: nobody answers as if it were not, and both verifiers say so.
        away = self.sealed()[0]
        os.rename(away, away + '.away')
        answer = self.server.command('archive', 'who', ROOM, '@5')
        self.assertNotEqual(answer.returncode, 0)
        self.assertIn('volume 1', answer.stderr)
        for findings, _, code in (
                self.verify('--key', self.key()),
                self.verify_py('--archive', self.server.storage.path(ARCHIVE), '--key', self.key())):
            self.assertIn('SEQ_GAP', findings)
            self.assertEqual(code, 1)
        os.rename(away + '.away', away)
        answer = self.server.command('archive', 'who', ROOM, '@5')
        self.assertEqual(answer.returncode, 0, answer.stderr)


if __name__ == '__main__':
    unittest.main()
