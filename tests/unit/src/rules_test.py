# SPDX-License-Identifier: Apache-2.0
"""What script/check-rules takes for SQL that is built from values."""

import importlib.machinery
import importlib.util
import pathlib
import unittest

PATH = pathlib.Path(__file__).resolve().parents[3] / 'script' / 'check-rules'
loader = importlib.machinery.SourceFileLoader('check_rules', str(PATH))
rules = importlib.util.module_from_spec(importlib.util.spec_from_loader('check_rules', loader))
loader.exec_module(rules)


class BuiltSql(unittest.TestCase):

    def test_is_seen_over_several_lines(self):
        for code, lines in (
                ('run("SELECT a FROM b WHERE c = " + c);', (1, 1)),
                ('run("SELECT a FROM b"\n    " WHERE c = " +\n    c);', (1, 3)),
                ('run("SELECT a FROM b"  // why\n    " WHERE c = "\n    + c);', (1, 3)),
                ('run(begin() +\n    " WHERE c = 1");', (1, 2)),
                ('out << "DELETE FROM " << table;', (1, 1)),
                ("split(text, '\"'); run(\"SELECT \" + c);", (1, 1))):
            with self.subTest(code):
                self.assertEqual(list(rules.built_sql(code)), [lines])

    def test_nothing_else_is(self):
        for code in ('run("SELECT a FROM b"\n    " WHERE c = :a");',
                     'a = "no SQL: " +\n    name + "selected";',
                     'a = "x" + b; run("SELECT 1");',
                     '// "SELECT " + a\nb();',
                     'run("SELECT 1", "a") + b;'):
            with self.subTest(code):
                self.assertEqual(list(rules.built_sql(code)), [])


if __name__ == '__main__':
    unittest.main()
