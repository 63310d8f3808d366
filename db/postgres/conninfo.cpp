// SPDX-License-Identifier: Apache-2.0
#include "db/postgres/conninfo.h"

#include <libpq-fe.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <string_view>

namespace db::postgres {
namespace {

constexpr const char* default_port = "5432";

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

// This machine has several names.
std::string plain_host(const std::string& host) {
  std::string plain = host;
  std::transform(plain.begin(), plain.end(), plain.begin(), [](char c) {
    return 'A' <= c && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  while (plain.size() > 1 && (plain.ends_with('.') || plain.ends_with('/'))) plain.pop_back();
  return plain == "localhost" || plain == "::1" ? "127.0.0.1" : plain;
}

std::vector<std::string> places_of(Options& options) {
  const std::string& hosts = options[options["hostaddr"].empty() ? "host" : "hostaddr"];
  const std::string& ports = options["port"];
  const auto count = static_cast<std::size_t>(std::count(hosts.begin(), hosts.end(), ','));
  const bool one_port = ports.find(',') == std::string::npos;
  std::vector<std::string> places;
  for (std::size_t i = 0; i <= count; ++i) {
    const std::string port = at(ports, one_port ? 0 : i);
    places.push_back(plain_host(at(hosts, i)) + ' ' + (port.empty() ? default_port : port) + ' ' +
                     options["dbname"]);
  }
  return places;
}

bool has_several(Options& options) {
  return (options["host"] + options["hostaddr"]).find(',') != std::string::npos;
}

// libpq takes the number's beginning for the number, and 0 or less for ever.
bool waits_for_ever(const std::string& timeout) {
  return !timeout.empty() && std::atoi(timeout.c_str()) <= 0;
}

bool is_utf8(std::string name) {
  std::erase_if(name, [](char c) { return c == '-' || c == '_'; });
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    return 'A' <= c && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return name.empty() || name == "utf8" || name == "unicode";
}

// What the URL must not say, as a sentence; "" if it does not. Of the rest each connection sets
// what it relies on (engine.cpp).
std::string refuse(Options& options) {
  const std::string begin = "the URL of the database has ";
  if (options["dbname"].empty())
    return "the URL of the database names none: write postgresql://user@host:port/NAME";
  if (!is_utf8(options["client_encoding"]))
    return begin + "a client_encoding that is not UTF8: leave it out";
  if (!options["replication"].empty())
    return begin + "the parameter replication, for connections of another kind: leave it out";
  const std::string& which = options["target_session_attrs"];
  if (which == "read-only" || which == "standby" || which == "prefer-standby")
    return begin + "target_session_attrs=" + which +
           ", with which nothing could be written: leave it out";
  if (which == "any" && has_several(options))
    return begin +
           "target_session_attrs=any and several hosts, of which the first may be a replica: leave"
           " it out";
  if (waits_for_ever(options["connect_timeout"]))
    return begin +
           "a connect_timeout with which a host that is down is waited for without end: write"
           " seconds, or leave it out";
  return {};
}

}  // namespace

base::Result<Conninfo, std::string> read_url(const std::string& url) {
  auto parsed = parse(url);
  if (!parsed) return base::fail(parsed.error());
  Options& options = *parsed;
  if (std::string refusal = refuse(options); !refusal.empty())
    return base::fail(std::move(refusal));
  Conninfo out;
  out.name = name_of(options);
  out.places = places_of(options);
  const std::pair<const char*, const char*> defaults[] = {
      {"connect_timeout", "2"},    {"keepalives_idle", "5"},      {"keepalives_interval", "2"},
      {"keepalives_count", "3"},   {"tcp_user_timeout", "10000"}, {"application_name", "hansard"},
      {"client_encoding", "UTF8"},
  };
  const auto unless_said = [&](const std::string& keyword, const char* value) {
    if (options[keyword].empty()) options[keyword] = value;
  };
  for (const auto& [keyword, value] : defaults) unless_said(keyword, value);
  if (has_several(options)) unless_said("target_session_attrs", "read-write");
  for (const auto& [keyword, value] : options) {
    if (value.empty()) continue;
    out.conninfo += keyword + "=" + quoted(value) + " ";
  }
  return out;
}

}  // namespace db::postgres
