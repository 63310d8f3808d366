# SPDX-License-Identifier: Apache-2.0
"""Turns numbered SQL files into a C++ source: embed.py OUT NAME FILE..."""
import pathlib
import re
import sys

out, name, *files = sys.argv[1:]
lines = ['// Made from the files in db/schema by embed.py.', '#include "db/sql/migrate.h"', '',
         'namespace db {', f'const std::vector<Migration>& {name}_migrations() {{',
         '  static const std::vector<Migration> all{']
numbers = []
for file in map(pathlib.Path, files):
    number = int(re.match(r'(\d{4})_', file.name).group(1))
    numbers.append(number)
    sql = file.read_text(encoding='utf-8')
    assert ')sql"' not in sql
    # A literal holds at most 64 KiB everywhere; these are far below.
    lines.append(f'      {{{number}, R"sql({sql})sql"}},')
assert numbers == list(range(1, len(numbers) + 1)), f'{name}: numbers must be 1, 2, 3 …: {numbers}'
lines += ['  };', '  return all;', '}', '}  // namespace db', '']
pathlib.Path(out).write_text('\n'.join(lines), encoding='utf-8')
