// SPDX-License-Identifier: Apache-2.0
#include "src/command/table.h"

#include <algorithm>

namespace server {
namespace {

std::string shown(const std::string& value) {
  std::string out = value;
  for (auto& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return out;
}
std::string shown(std::int64_t value) { return std::to_string(value); }
std::string shown(bool value) { return value ? "yes" : "no"; }
std::string shown(const admin::Value& value) {
  return std::visit([](const auto& v) { return shown(v); }, value);
}

std::string heading(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

// Characters, not bytes: continuation bytes of UTF-8 take no place.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string bold(const std::string& text, Colours colours) {
  return colours == Colours::on ? "\033[1m" + text + "\033[0m" : text;
}

std::string line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) {
  std::string out;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    out += cells[i];
    if (i + 1 < cells.size()) out += std::string(widths[i] - width(cells[i]) + 2, ' ');
  }
  return out;
}

std::string table_text(const admin::Table& table, Colours colours) {
  std::vector<std::vector<std::string>> rows(1);
  for (const auto& column : table.columns) rows[0].push_back(heading(column));
  for (const auto& row : table.rows) {
    auto& cells = rows.emplace_back();
    for (const auto& cell : row) cells.push_back(shown(cell));
  }
  std::vector<std::size_t> widths(table.columns.size());
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  std::string out = bold(line(rows[0], widths), colours) + "\n";
  for (std::size_t i = 1; i < rows.size(); ++i) out += line(rows[i], widths) + "\n";
  return out;
}

std::string fields_text(const std::vector<admin::Field>& fields) {
  std::size_t longest = 0;
  for (const auto& field : fields)
    if (field.name != admin::next_after) longest = std::max(longest, width(field.name));
  std::string out;
  for (const auto& field : fields)
    if (field.name != admin::next_after)
      out += heading(field.name) + std::string(longest - width(field.name) + 2, ' ') +
             shown(field.value) + "\n";
  return out;
}

}  // namespace

// A sentence already says what the fields beside it would repeat.
std::string answer_text(const admin::Answer& answer, Colours colours) {
  std::string out = answer.text.empty() ? fields_text(answer.fields) : shown(answer.text) + "\n";
  for (const auto& table : answer.tables)
    if (!table.rows.empty())
      out += (answer.tables.size() > 1 ? "\n" + heading(table.name) + ":\n" : "") +
             table_text(table, colours);
  for (const auto& field : answer.fields)
    if (field.name == admin::next_after)
      out += "there are more; go on with --after " + shown(field.value) + "\n";
  return out;
}

}  // namespace server
