# SPDX-License-Identifier: Apache-2.0
"""What befalls a machine, and an archive that both verifiers call clean afterwards: a clock that is set
(compliance.md C20), a full disk of the archive, and one of the file of checkpoints (C17)."""

import os
import unittest

from harness import until
from said_case import ClockCase, SaidCase, set_clock
from storage import ARCHIVE, Sqlite
from volume import fill, small_volume

STORAGES = ('sqlite', 'postgresql')
STEPPED = 610
HOUR = 3600


class Clock(ClockCase):

    def test_an_hour_back_under_a_running_server(self):
        """C20: on record before what comes next; the order is by number; both call it clean."""
        self.assertTrue(os.path.exists(set_clock()), set_clock())
        self.server.start()
        self.enter()
        self.say_some('before')
        self.until_nearly_sealed(1)
        self.set(-HOUR)
        self.say_some('back')
        until(lambda: any('the wall clock was set' in line for line in self.server.lines),
              what='that the clock is seen to be set')
        self.set(0)
        self.say_some('forward')
        self.end()
        leaves = self.clean()
        deltas = [leaf['d']['delta_us'] for leaf in leaves if leaf['t'] == STEPPED]
        self.assertEqual([round(delta / 1e6 / HOUR) for delta in deltas], [-1, 1])
        times = [leaf['ts'] for leaf in leaves]
        self.assertNotEqual(times, sorted(times))


class FullDisk(SaidCase):

    def test_of_the_file_of_checkpoints(self):
        """C17: messages go on, nothing is signed, and then everything is."""
        volume = small_volume(self, '1m')
        self.published = os.path.join(volume, 'checkpoints.log')
        self.server.config['archive'].update(checkpoints=self.published, on_outage='refuse')
        self.server.write_config()
        filler = fill(volume)
        self.server.start()
        self.enter()
        self.say_some('full')
        until(lambda: self.status()['checkpoints'] == 'unavailable', 60, 'that it is full')
        self.say_some('unsigned')  # the archive takes it: it is not refused
        self.assertEqual(self.status()['state'], 'copying')
        os.remove(filler)
        self.until_nearly_sealed(self.status()['events'])
        self.end()
        self.clean()
        with open(self.published) as f:
            self.assertTrue(f.read().endswith('\n\n'))


class FullArchive(SaidCase):
    """The disk of the archive alone; with SQLite, whose file is the server's own."""

    def setUp(self):
        super().setUp()
        if not isinstance(self.server.storage, Sqlite):
            self.skipTest('SKIPPED: what a full disk does to a PostgreSQL, test_outage_postgres sees')

    def test_of_the_archive(self):
        """C17, C08: what is recorded waits in the content, and goes over when there is room again."""
        volume = small_volume(self, '4m')
        place = os.path.join(volume, 'archive.db')
        self.server.config.setdefault('database', {})['archive'] = 'sqlite:' + place
        self.server.write_config()
        self.server.storage = Elsewhere(self.server.storage, place)
        self.server.start()
        self.enter()
        self.say_some('before')
        self.until_nearly_sealed(1)
        filler = fill(volume)
        n = 0
        while not any('the archive cannot be written' in line for line in self.server.lines):
            self.assertLess(n, 5000, 'all of it found room')
            self.say('full %d' % n)
            n += 1
        self.say_some('while it is full', 100)
        os.remove(filler)
        until(lambda: any('the archive can be written again' in line for line in self.server.lines),
              60, 'that there is room')
        self.until_nearly_sealed(self.status()['events'])
        self.end()
        self.clean()


class Elsewhere(Sqlite):
    """The archive's file lies in another folder than the content's."""

    def __init__(self, of, archive):
        super().__init__(of.data)
        self.config, self.archive = of.config, archive

    def path(self, which):
        return self.archive if which == ARCHIVE else super().path(which)


if __name__ == '__main__':
    unittest.main()
