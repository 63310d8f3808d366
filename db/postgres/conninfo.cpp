// SPDX-License-Identifier: Apache-2.0
#include "db/postgres/conninfo.h"

#include <libpq-fe.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string_view>

namespace db::postgres {
namespace {

using Options = std::map<std::string, std::string>;

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

// libpq's sentences may quote a part of the URL, and that may be the password.
base::Result<Options, std::string> parse(const std::string& url) {
  char* problem = nullptr;
  const std::unique_ptr<PQconninfoOption, FreeOptions> parsed(
      PQconninfoParse(url.c_str(), &problem));
  PQfreemem(problem);
  if (!parsed)
    return base::fail(
        std::string("the URL of the database cannot be read: write"
                    " postgresql://user@host:port/name?option=value and percent-encode what is not"
                    " a letter or digit in names and passwords"));
  Options options;
  for (const auto* option = parsed.get(); option->keyword != nullptr; ++option)
    if (option->val != nullptr) options[option->keyword] = option->val;
  return options;
}

std::string quoted(std::string_view value) {
  std::string out = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string at(const std::string& list, std::size_t index) {
  std::size_t begin = 0;
  for (; index > 0; --index) {
    begin = list.find(',', begin);
    if (begin == std::string::npos) return {};
    ++begin;
  }
  return list.substr(begin, list.find(',', begin) - begin);
}

std::string name_of(Options& options) {
  const std::string hosts = options["host"], ports = options["port"];
  std::string name;
  const auto count = static_cast<std::size_t>(std::count(hosts.begin(), hosts.end(), ','));
  const bool one_port = ports.find(',') == std::string::npos;
  for (std::size_t i = 0; i <= count; ++i) {
    if (i > 0) name += ',';
    name += at(hosts, i);
    if (const std::string port = at(ports, one_port ? 0 : i); !port.empty()) name += ':' + port;
  }
  return name + '/' + options["dbname"];
}

}  // namespace

base::Result<Conninfo, std::string> read_url(const std::string& url) {
  auto parsed = parse(url);
  if (!parsed) return base::fail(parsed.error());
  Options& options = *parsed;
  if (options["dbname"].empty())
    return base::fail(
        std::string("the URL of the database names none: write"
                    " postgresql://user@host:port/NAME"));
  Conninfo out;
  out.name = name_of(options);
  const bool several = options["host"].find(',') != std::string::npos;
  const std::pair<const char*, const char*> defaults[] = {
      {"connect_timeout", "2"},    {"keepalives_idle", "5"},      {"keepalives_interval", "2"},
      {"keepalives_count", "3"},   {"tcp_user_timeout", "10000"}, {"application_name", "hansard"},
      {"client_encoding", "UTF8"},
  };
  for (const auto& [keyword, value] : defaults) options.try_emplace(keyword, value);
  if (several) options.try_emplace("target_session_attrs", "read-write");
  for (const auto& [keyword, value] : options) {
    if (value.empty()) continue;
    out.conninfo += keyword + "=" + quoted(value) + " ";
  }
  return out;
}

}  // namespace db::postgres
