# SPDX-License-Identifier: Apache-2.0
"""The rows of docs/xep0045.tsv and which tests name them: what script/conformance reports on."""

import collections
import os
import pathlib
import re
import subprocess
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
ROWS = ROOT / 'docs' / 'xep0045.tsv'
EXCUSES = ROOT / 'docs' / 'conformance.md'
SCRIPTS = ROOT / 'tests' / 'scripts'
ID = re.compile(r'\bM45-\d+\b')
EXCUSE = re.compile(r'^\| *((?:M45-\d+[ ,]*)+) *\| *(declined|waits) *\| *(.+?) *\|$', re.M)
CASE = re.compile(r'TEST_CASE\(\s*"((?:[^"\\]|\\.)*M45-\d+(?:[^"\\]|\\.)*)"')
TIME_MAX = 300

Row = collections.namedtuple('Row', 'id section level text')


class Broken(Exception):
    """The lists themselves are wrong, or a program cannot be run."""


def rows(text=None):
    lines = (ROWS.read_text() if text is None else text).splitlines()
    return [Row(*line.split('\t')) for line in lines[1:]]


def excuses(text=None):
    """id → (declined or waits, why), of the table in docs/conformance.md."""
    found = {}
    for ids, state, why in EXCUSE.findall(EXCUSES.read_text() if text is None else text):
        for row in ID.findall(ids):
            if row in found:
                raise Broken('%s stands twice in the table of %s' % (row, EXCUSES.name))
            found[row] = (state, why)
    return found


def named_by(script):
    """The ids in the comments that a transcript begins with."""
    head = []
    for line in script.splitlines():
        if not line.startswith('#'):
            break
        head += ID.findall(line)
    return head


def transcripts(folder=SCRIPTS):
    """name → ids, of all that are run."""
    return {path.stem: named_by(path.read_text()) for path in sorted(folder.glob('*.scs'))
            if not path.name.startswith('_')}


def cases(folder=ROOT / 'tests' / 'unit'):
    """name of a test case → (ids, its file), of those that name any."""
    found = {}
    for path in sorted(folder.rglob('*.cpp')):
        for name in CASE.findall(path.read_text()):
            found[name] = (ID.findall(name), path)
    return found


def run_catch(program, *arguments):
    """The outcome of each section and test case by name: '' if it passed, else what was wrong."""
    options = 'detect_leaks=1:detect_stack_use_after_return=1'
    env = {**os.environ, 'ASAN_OPTIONS': os.environ.get('ASAN_OPTIONS', options)}
    try:
        done = subprocess.run([program, '-r', 'xml', *arguments], capture_output=True, text=True,
                              errors='replace', timeout=TIME_MAX, env=env)
    except (OSError, subprocess.TimeoutExpired) as why:
        raise Broken('%s: %s' % (program, why)) from None
    outcomes = read_catch(done.stdout)
    if not outcomes or (done.returncode != 0 and not any(outcomes.values())):
        # It crashed, or a sanitizer spoke after all was done.
        raise Broken('%s ended with %d\n%s' % (program, done.returncode, done.stderr[-4000:]))
    return outcomes


def read_catch(text):
    """As above, from Catch2's XML; what a crash cut off is not in it."""
    parser = ElementTree.XMLPullParser(events=('end',))
    outcomes = {}
    try:
        parser.feed(text)
        for _, element in parser.read_events():
            if element.tag in ('Section', 'TestCase'):
                outcomes[element.get('name').strip()] = problem_of(element)
    except ElementTree.ParseError:
        pass
    return outcomes


def problem_of(element):
    result = element.find('OverallResults')
    if result is None:
        result = element.find('OverallResult')
    good = result is not None and (result.get('failures', '0'), result.get('success', 'true')) == ('0', 'true')
    if good:
        return ''
    told = [e.text.strip() for tag in ('Info', 'Exception', 'FatalErrorCondition')
            for e in element.iter(tag) if e.text]
    return '\n'.join(told) or 'failed'


class Report:
    """Every row with its state: passed, failed, declined, waits or untested."""

    def __init__(self, all_rows, excused, claims, outcomes):
        """`claims`: test → ids; `outcomes`: test → '' or what was wrong; who is not in it did not run."""
        self.rows, self.excused, self.outcomes = all_rows, excused, outcomes
        self.tests = collections.defaultdict(list)
        self.problems = []
        known = {row.id for row in all_rows}
        for test, ids in claims.items():
            for row in ids:
                if row in known:
                    self.tests[row].append(test)
                else:
                    self.problems.append('%s names %s, which is no row' % (test, row))
        self.problems += ['%s is excused but no row' % row for row in excused if row not in known]
        self.problems += ['%s is excused (%s) but tested by %s' % (row, excused[row][0], self.tests[row][0])
                          for row in excused if row in self.tests]
        self.problems += ['%s: %s' % (test, why) for test, why in outcomes.items() if why]
        self.problems += ['%s did not run' % test for test, ids in claims.items()
                          if ids and test not in outcomes]
        self.states = {row.id: self.state(row.id) for row in all_rows}

    def state(self, row):
        tests = self.tests.get(row, [])
        if any(self.outcomes.get(test, 'did not run') for test in tests):
            return 'failed'
        if tests:
            return 'passed'
        return self.excused[row][0] if row in self.excused else 'untested'

    def of(self, state):
        return [row.id for row in self.rows if self.states[row.id] == state]

    def counts(self):
        counted = {state: len(self.of(state))
                   for state in ('passed', 'failed', 'declined', 'waits', 'untested')}
        return {'rows': len(self.rows), 'tested': counted['passed'] + counted['failed'], **counted}

    def summary(self):
        return ('%(rows)d rows: %(tested)d with a test, %(passed)d passed, %(failed)d failed, '
                '%(declined)d declined, %(waits)d wait, %(untested)d untested' % self.counts())
