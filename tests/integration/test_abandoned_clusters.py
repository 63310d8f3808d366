# SPDX-License-Identifier: Apache-2.0
"""What a private PostgreSQL of a killed test left is removed, and nothing that somebody else put there."""

import ctypes
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'support'))
import leftovers  # noqa: E402

LIBC = ctypes.CDLL(None, use_errno=True)


class Abandoned(unittest.TestCase):

    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.place = pathlib.Path(place.name)
        for what, value in (('tempfile.tempdir', place.name), ('leftovers.MEMORY', place.name)):
            patch = mock.patch(what, value)
            patch.start()
            self.addCleanup(patch.stop)
        ended = subprocess.Popen(['true'])
        ended.wait()
        self.dead = ended.pid

    def folder(self, maker=None):
        path = self.place / (leftovers.PREFIX + 'x%d' % len(list(self.place.iterdir())))
        (path / 'data').mkdir(parents=True)
        if maker is not None:
            (path / 'maker').write_text(str(maker))
        return path

    def segment(self):
        number = LIBC.shmget(0, 64, 0o600)
        self.assertGreaterEqual(number, 0)
        self.addCleanup(LIBC.shmctl, number, 0, None)
        return number

    def name(self, folder, key, number):
        (folder / 'data' / 'postmaster.pid').write_text('1\n2\n3\n4\n5\n6\n%d %d\nready\n' %
                                                        (key, number))

    def lives(self, number):
        return (0, number) in leftovers.segments()

    def of_strangers(self):
        return mock.patch('leftovers.owners', lambda: {os.geteuid() + 1})

    def test_whose_maker_is_gone_goes_with_its_memory(self):
        folder, alive = self.folder(self.dead), self.folder(os.getpid())
        number = self.segment()
        self.name(folder, 0, number)
        leftovers.forget_abandoned()
        self.assertFalse(folder.exists())
        self.assertFalse(self.lives(number))
        self.assertTrue(alive.exists())

    def test_what_others_put_there_stays(self):
        folder, number = self.folder(self.dead), self.segment()
        self.name(folder, 0, number)
        elsewhere = self.place / 'elsewhere'
        folder.rename(elsewhere)
        folder.symlink_to(elsewhere)
        leftovers.forget_abandoned()
        self.assertTrue(elsewhere.exists())
        folder.unlink()
        elsewhere.rename(folder)
        with self.of_strangers():
            leftovers.forget_abandoned()
        self.assertTrue(folder.exists())
        self.assertTrue(self.lives(number))

    def test_memory_goes_only_if_file_and_segment_are_ours_and_agree(self):
        folder, number = self.folder(self.dead), self.segment()
        self.name(folder, 4711, number)  # another key
        leftovers.remove_segment(folder / 'data')
        self.assertTrue(self.lives(number))
        self.name(folder, 0, number)
        with self.of_strangers():
            leftovers.remove_segment(folder / 'data')
        self.assertTrue(self.lives(number))
        with mock.patch('leftovers.segments', lambda: {(0, number): os.geteuid() + 100000}):
            leftovers.remove_segment(folder / 'data')
        self.assertTrue(self.lives(number))

    def test_whose_maker_never_said_its_name_goes_after_an_hour(self):
        empty, none = self.folder(''), self.folder()
        leftovers.forget_abandoned()
        self.assertTrue(empty.exists() and none.exists())
        before = time.time() - 3700
        for folder in (empty, none):
            os.utime(folder, (before, before))
        leftovers.forget_abandoned()
        self.assertFalse(empty.exists() or none.exists())


if __name__ == '__main__':
    unittest.main()
