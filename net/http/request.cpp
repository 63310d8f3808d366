// SPDX-License-Identifier: Apache-2.0
#include "net/http/request.h"

#include <llhttp.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace net::http {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](char c) { return lower(c); });
  return result;
}

// What llhttp says of one head. Its callbacks are called from C.
struct Parsed {
  explicit Parsed(std::string_view head) {
    llhttp_settings_init(&settings);
    settings.on_url = [](llhttp_t* p, const char* at, size_t n) noexcept {
      return of(p).add(&Parsed::target, at, n);
    };
    settings.on_header_field = [](llhttp_t* p, const char* at, size_t n) noexcept {
      return of(p).add(&Parsed::field, at, n);
    };
    settings.on_header_value = [](llhttp_t* p, const char* at, size_t n) noexcept {
      return of(p).add(&Parsed::value, at, n);
    };
    settings.on_header_value_complete = [](llhttp_t* p) noexcept { return of(p).end_field(); };
    settings.on_headers_complete = [](llhttp_t* p) noexcept { return of(p).end_fields(); };
    settings.on_message_complete = [](llhttp_t* p) noexcept {
      of(p).complete = true;
      return 0;
    };
    llhttp_init(&parser, HTTP_REQUEST, &settings);
    parser.data = this;
    error = llhttp_execute(&parser, head.data(), head.size());
  }
  Parsed(const Parsed&) = delete;
  Parsed& operator=(const Parsed&) = delete;

  static Parsed& of(llhttp_t* parser) { return *static_cast<Parsed*>(parser->data); }

  int add(std::string Parsed::*where, const char* at, size_t size) {
    (this->*where).append(at, size);
    return 0;
  }
  int end_field() {
    if (lower(field) == "host") {
      ++hosts;
      host = value;
    }
    field.clear();
    value.clear();
    return 0;
  }
  int end_fields() {
    fields_complete = true;
    body = (parser.flags & (F_TRANSFER_ENCODING | F_CHUNKED)) != 0 || parser.content_length > 0;
    keep_alive = llhttp_should_keep_alive(&parser) != 0;
    return 0;
  }

  llhttp_t parser;
  llhttp_settings_t settings;
  llhttp_errno_t error;
  std::string target, field, value, host;
  int hosts = 0;
  bool fields_complete = false, complete = false, body = false, keep_alive = false;
};

// RFC 3986 §3.2.2, as far as it can name us: a name, an IPv4 or a bracketed IPv6 address.
std::optional<std::string> host_of(std::string_view authority) {
  constexpr std::string_view name = "abcdefghijklmnopqrstuvwxyz0123456789-._";
  constexpr std::string_view address = "abcdef0123456789:.";
  const std::string text = lower(authority);
  std::size_t end = text.find_first_not_of(name);
  if (text.starts_with('[')) {
    end = text.find_first_not_of(address, 1);
    if (end == std::string::npos || text[end] != ']') return std::nullopt;
    ++end;
  }
  if (end == 0) return std::nullopt;
  if (end >= text.size()) return text;
  const bool is_port = text[end] == ':' && text.size() - end <= 6 &&
                       text.find_first_not_of("0123456789", end + 1) == std::string::npos;
  if (!is_port) return std::nullopt;
  return text.substr(0, end);
}

// RFC 9112 §3: three words, a single space between them. llhttp takes more than one.
bool is_request_line(std::string_view line) {
  return std::count(line.begin(), line.end(), ' ') == 2 && line.find('\t') == line.npos;
}

// 0: HTTP/1.x. Other protocols with a similar first line are known to llhttp, not to us.
int line_refused(std::string_view head) {
  const std::string_view line = head.substr(0, head.find("\r\n"));
  if (!is_request_line(line)) return 400;
  if (line.ends_with(" HTTP/1.1") || line.ends_with(" HTTP/1.0")) return 0;
  constexpr std::size_t size = std::string_view(" HTTP/1.1").size();
  const bool other = line.size() > size && line.substr(line.size() - size, 6) == " HTTP/" &&
                     line[line.size() - 2] == '.';
  return other ? 505 : 400;
}

bool is_1_0(std::string_view head) {
  return head.substr(0, head.find("\r\n")).ends_with(" HTTP/1.0");
}

// An unknown method is one that could be a word.
int malformed(const Parsed& parsed, std::string_view head) {
  constexpr std::string_view capital = "ABCDEFGHIJKLMNOPQRSTUVWXYZ-";
  const std::string_view word = head.substr(0, head.find(' '));
  const bool unknown = parsed.error == HPE_INVALID_METHOD && !word.empty() &&
                       word.find_first_not_of(capital) == std::string_view::npos;
  return unknown ? 501 : 400;
}

// RFC 9112 §3.2: origin-form, or absolute-form, whose authority takes the place of Host.
bool read_target(const Parsed& parsed, Request& request) {
  std::string_view target = parsed.target;
  if (target.find('#') != target.npos) return false;  // a fragment is never sent, RFC 9110 §7.1
  std::string_view authority = parsed.host;
  constexpr std::string_view scheme = "http://";
  if (lower(target.substr(0, scheme.size())) == scheme) {
    target.remove_prefix(scheme.size());
    const std::size_t slash = std::min(target.find_first_of("/?"), target.size());
    authority = target.substr(0, slash);
    target.remove_prefix(slash);
    if (authority.empty()) return false;
  }
  request.path = target.substr(0, target.find('?'));
  if (authority.empty()) return true;
  auto host = host_of(authority);
  if (!host) return false;
  request.host = std::move(*host);
  return true;
}

}  // namespace

base::Result<Request, int> parse_request(std::string_view head) {
  const Parsed parsed(head);
  if (const int refused = line_refused(head)) return base::fail(refused);
  if (!parsed.fields_complete && parsed.error != HPE_OK) return base::fail(malformed(parsed, head));
  if (parsed.fields_complete && parsed.body) return base::fail(413);
  if (!parsed.complete) return base::fail(400);
  // RFC 9112 §3.2: exactly one Host, from 1.1 on; it may be empty, but then it is none of ours.
  if (parsed.hosts > 1 || (parsed.hosts == 0 && !is_1_0(head))) return base::fail(400);
  Request request{.keep_alive = parsed.keep_alive};
  if (parsed.parser.method == HTTP_GET) request.method = Method::get;
  if (parsed.parser.method == HTTP_HEAD) request.method = Method::head;
  if (!read_target(parsed, request)) return base::fail(400);
  return request;
}

}  // namespace net::http
