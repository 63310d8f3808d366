# SPDX-License-Identifier: Apache-2.0
"""What the tests of the command line share."""

import unittest

from harness import Server

DONE, REFUSED, USAGE, CONFIGURATION = 0, 1, 2, 78


class CommandCase(unittest.TestCase):

    def make(self, config=None, users=None):
        server = Server(config, users)
        self.addCleanup(server.remove)
        return server

    def expect(self, done, code, *sentences):
        """The exit code; errors are sentences on stderr, one a line, and name what is asked for."""
        text = 'exit %d\n--- stdout\n%s--- stderr\n%s' % (done.returncode, done.stdout, done.stderr)
        self.assertEqual(done.returncode, code, text)
        if code == DONE:
            self.assertEqual([line for line in done.stderr.splitlines()
                              if not line.startswith('hansard: warning: ')], [], text)
        else:
            self.assertNotEqual(done.stderr.strip(), '', text)
            self.assertNotIn('terminate called', done.stderr)
            for line in done.stderr.splitlines():
                self.assertLess(len(line), 1000, text)
        for sentence in sentences:
            self.assertRegex(done.stdout + done.stderr, sentence, text)
        return done
