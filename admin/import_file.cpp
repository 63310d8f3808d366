// SPDX-License-Identifier: Apache-2.0
#include "admin/import_file.h"

#include <map>

#include "admin/account_rules.h"
#include "xmpp/jid.h"

namespace admin {
namespace {

class Reader {
 public:
  void line(std::size_t number, std::string_view text) {
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (text.empty() || text.starts_with('#')) return;
    const auto comma = text.find(',');
    if (comma == std::string_view::npos)
      return problem(number, "no comma; write localpart,password");
    auto localpart = xmpp::prepare_local(text.substr(0, comma));
    if (!localpart || !xmpp::Jid::from_parts(*localpart, "localhost"))
      return problem(number, "the part before the comma cannot be a localpart");
    auto password = prepared_password(text.substr(comma + 1));
    if (!password) return problem(number, password.error());
    const auto [first, is_new] = lines_.emplace(*localpart, number);
    if (!is_new)
      return problem(number, "'" + *localpart + "' stands on line " +
                                 std::to_string(first->second) + " already");
    file_.accounts.push_back({number, std::move(*localpart), std::move(*password)});
  }

  ImportFile take() { return std::move(file_); }

 private:
  void problem(std::size_t number, const std::string& text) {
    file_.problems.push_back("line " + std::to_string(number) + ": " + text);
  }

  ImportFile file_;
  std::map<std::string, std::size_t> lines_;
};

}  // namespace

ImportFile parse_import(std::string_view text) {
  Reader reader;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    reader.line(number, text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return reader.take();
}

}  // namespace admin
