# SPDX-License-Identifier: Apache-2.0
"""Turns numbered SQL files into a C++ source: embed.py OUT NAME FILE...
The folder above a file's own names its dialect; all dialects have the same numbers."""
import pathlib
import re
import sys

out, name, *files = sys.argv[1:]
dialects = {}
for file in map(pathlib.Path, files):
    dialects.setdefault(file.parent.parent.name, []).append(file)
assert set(dialects) == {'sqlite', 'postgres'}, dialects

lines = ['// Made from the files in db/schema by embed.py.', '#include "db/sql/migrate.h"', '',
         'namespace db {', 'namespace {']
for dialect, its in dialects.items():
    lines.append(f'const Migrations& {dialect}_{name}() {{')
    lines.append('  static const Migrations all{')
    numbers = []
    for file in sorted(its):
        number = int(re.match(r'(\d{4})_', file.name).group(1))
        numbers.append(number)
        sql = file.read_text(encoding='utf-8')
        assert ')sql"' not in sql
        # What can be run again on what it has made: SQLite's is looked at line by line (db/sql/migrate.cpp).
        for column in re.findall(r'^.*\bADD COLUMN\b.*$', sql, re.M):
            again = r'ALTER TABLE \w+ ADD COLUMN \w+ [^;]*;' if dialect == 'sqlite' else r'.*IF NOT EXISTS.*'
            assert re.fullmatch(again, column), f'{file}: {column}'
        # A literal holds at most 64 KiB everywhere; these are far below.
        lines.append(f'      {{{number}, R"sql({sql})sql"}},')
    assert numbers == list(range(1, len(numbers) + 1)), f'{name}: numbers must be 1, 2, 3 …: {numbers}'
    lines += ['  };', '  return all;', '}']
assert len({tuple(file.name for file in sorted(its)) for its in dialects.values()}) == 1, dialects
lines += ['}  // namespace', f'const Migrations& {name}_migrations(Dialect dialect) {{',
          f'  return dialect == Dialect::sqlite ? sqlite_{name}() : postgres_{name}();', '}',
          '}  // namespace db', '']
pathlib.Path(out).write_text('\n'.join(lines), encoding='utf-8')
