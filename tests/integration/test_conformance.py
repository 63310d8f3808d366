# SPDX-License-Identifier: Apache-2.0
"""What script/conformance makes of its lists and of what the programs say."""

import pathlib
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / 'tests' / 'support'))
import conformance  # noqa: E402
import differential  # noqa: E402
from conformance import Row  # noqa: E402

ROWS = [Row('M45-001', '5.1', 'M', 'one'), Row('M45-002', '5.1', 'S', 'two'), Row('M45-003', '5.2', 'O', 'three')]
CATCH = '''<?xml version="1.0"?><Catch name="x"><Group name="x"><TestCase name="transcripts">
  <Section name="good.scs"><OverallResults successes="2" failures="0"/></Section>
  <Section name="bad.scs"><Expression success="false" type="CHECK"><Original>problem.empty()</Original></Expression>
    <Info>problem := "bad:3: Romeo: no attribute id"</Info><OverallResults successes="1" failures="1"/></Section>'''


class Lists(unittest.TestCase):

    def test_the_rows_are_complete(self):
        rows = conformance.rows()
        self.assertEqual([row.id for row in rows], ['M45-%03d' % n for n in range(1, 288)])
        self.assertEqual({row.level for row in rows}, {'M', 'MN', 'S', 'SN', 'O', 'E', 'X'})
        self.assertTrue(all(row.section and row.text for row in rows))

    def test_the_table_of_excuses(self):
        text = ('| row | state | why |\n|---|---|---|\n| M45-001 M45-002 | declined | no: `x` |\n'
                '| M45-003 | waits | s2s |\nM45-004 | declined | outside |\n')
        self.assertEqual(conformance.excuses(text), {
            'M45-001': ('declined', 'no: `x`'), 'M45-002': ('declined', 'no: `x`'), 'M45-003': ('waits', 's2s')})
        with self.assertRaisesRegex(conformance.Broken, 'M45-003 stands twice'):
            conformance.excuses(text + '| M45-003 | declined | again |\n')
        self.assertNotEqual(conformance.excuses(), {})

    def test_only_the_first_comments_name_rows(self):
        self.assertEqual(conformance.named_by('# Title\n# M45-001 BI-2 M45-002\ninclude: _x\n# M45-003\n'),
                         ['M45-001', 'M45-002'])


class Outcomes(unittest.TestCase):

    def test_catch(self):
        outcomes = conformance.read_catch(CATCH + '</TestCase></Group></Catch>')
        self.assertEqual(outcomes['good.scs'], '')
        self.assertIn('bad:3: Romeo', outcomes['bad.scs'])

    def test_what_a_crash_cut_off_did_not_run(self):
        outcomes = conformance.read_catch(CATCH + '<Section name="cut.scs"><Expr')
        self.assertEqual(set(outcomes), {'good.scs', 'bad.scs'})

    def report(self, claims, outcomes, excused=None):
        return conformance.Report(ROWS, excused or {}, claims, outcomes)

    def test_states(self):
        told = self.report({'a': ['M45-001'], 'b': ['M45-002']}, {'a': '', 'b': 'b:1: no'},
                           {'M45-003': ('waits', 's2s')})
        self.assertEqual(told.states, {'M45-001': 'passed', 'M45-002': 'failed', 'M45-003': 'waits'})
        self.assertEqual(told.problems, ['b: b:1: no'])
        self.assertEqual(told.summary(), '3 rows: 2 with a test, 1 passed, 1 failed, 0 declined, 1 wait, 0 untested')

    def test_a_row_fails_with_any_of_its_tests(self):
        told = self.report({'a': ['M45-001'], 'b': ['M45-001']}, {'a': '', 'b': 'no'})
        self.assertEqual(told.states['M45-001'], 'failed')
        told = self.report({'a': ['M45-001'], 'b': ['M45-001']}, {'a': ''})
        self.assertEqual((told.states['M45-001'], told.problems), ('failed', ['b did not run']))

    def test_lists_that_do_not_fit(self):
        told = self.report({'a': ['M45-001', 'M45-999']}, {'a': ''},
                           {'M45-001': ('declined', 'x'), 'M45-888': ('declined', 'x')})
        self.assertEqual(told.problems, ['a names M45-999, which is no row', 'M45-888 is excused but no row',
                                         'M45-001 is excused (declined) but tested by a'])

    def test_the_program(self):
        run = [sys.executable, str(ROOT / 'script' / 'conformance')]
        done = subprocess.run([*run, '--help'], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ''))
        self.assertIn('--allow-untested', done.stdout)
        done = subprocess.run([*run, '--program', '/nowhere/transcripts'], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn('/nowhere/transcripts', done.stderr)
        self.assertEqual(subprocess.run([*run, '--nonsense'], capture_output=True).returncode, 2)


class Peers(unittest.TestCase):

    def test_what_the_runner_says(self):
        outcomes = differential.read_outcomes(
            'pass a\nFAIL b: b:3: Romeo: no attribute id\n  received <iq/>\n  expected <iq id=\'1\'/>\n1 passed, 1 failed\n')
        self.assertEqual(outcomes['a'], '')
        self.assertEqual(differential.difference(outcomes['b']),
                         ('b:3', 'Romeo', 'no attribute id', '<iq/>', "<iq id='1'/>"))
        self.assertEqual(differential.difference('a ping was not answered').what, 'a ping was not answered')
        self.assertEqual(differential.read_outcomes('0 passed, 0 failed\n'), {})

    def test_scripts_for_others(self):
        script = ("A receives exactly:\n    <a>\n      <occupant-id xmlns='o' id='{scansion:any}'/></a>\n"
                  "A receives nothing\nB receives:\n    <iq><error type='auth'/></iq>\n")
        self.assertEqual(differential.loosened(differential.without(script, ['occupant-id'])),
                         "A receives in any order:\n    <a>\n      </a>\nA receives nothing\n"
                         "B receives in any order:\n    <iq><error/></iq>\n")

    def test_a_row_is_as_the_worst_of_its_tests(self):
        outcomes = {'a': '', 'b': differential.Loose('order'), 'c': 'wrong'}
        for tests, word in (('a', 'pass'), ('ab', 'loose'), ('abc', 'FAIL'), ('x', 'skipped'), ('', 'skipped')):
            self.assertEqual(differential.of_row(list(tests), outcomes), word)


if __name__ == '__main__':
    unittest.main()
