// SPDX-License-Identifier: Apache-2.0
#include "net/http/response.h"

#include <time.h>

#include <array>

namespace net::http {
namespace {

struct Status {
  int number;
  std::string_view reason, sentence;
};
constexpr std::array statuses{
    Status{200, "OK", ""},
    Status{400, "Bad Request", "This is no well-formed HTTP/1.1 request."},
    Status{404, "Not Found", "There are /metrics and /health."},
    Status{405, "Method Not Allowed", "Only GET and HEAD are served."},
    Status{408, "Request Timeout", "The request did not come in time."},
    Status{413, "Content Too Large", "Requests have no body here."},
    Status{414, "URI Too Long", "The request line is too long."},
    Status{421, "Misdirected Request",
           "This server is not known by the name in Host; add it to listen.http_hosts."},
    Status{431, "Request Header Fields Too Large", "The header fields are too long."},
    Status{501, "Not Implemented", "This method is not known."},
    Status{503, "Service Unavailable", ""},
    Status{505, "HTTP Version Not Supported", "HTTP/1.1 and HTTP/1.0 are served."},
};

const Status& status(int number) {
  for (const Status& known : statuses)
    if (known.number == number) return known;
  return statuses[1];
}

// IMF-fixdate, RFC 9110 §5.6.7.
std::string date(base::Time now) {
  constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const time_t seconds = now.us / base::seconds(1);
  tm parts{};
  gmtime_r(&seconds, &parts);
  const auto two = [](int n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return std::string(days.at(static_cast<std::size_t>(parts.tm_wday))) + ", " + two(parts.tm_mday) +
         ' ' + months.at(static_cast<std::size_t>(parts.tm_mon)) + ' ' +
         std::to_string(1900 + parts.tm_year) + ' ' + two(parts.tm_hour) + ':' + two(parts.tm_min) +
         ':' + two(parts.tm_sec) + " GMT";
}

}  // namespace

Response refusal(int number) {
  return {.status = number, .body = std::string(status(number).sentence) + '\n'};
}

std::string to_bytes(const Response& response, Body body, After after, base::Time now) {
  const Status& known = status(response.status);
  std::string out = "HTTP/1.1 " + std::to_string(known.number) + ' ';
  out.append(known.reason).append("\r\nDate: ").append(date(now));
  out.append("\r\nContent-Type: ").append(response.type);
  out.append("\r\nContent-Length: ").append(std::to_string(response.body.size()));
  if (known.number == 405) out += "\r\nAllow: GET, HEAD";
  out +=
      "\r\nCache-Control: no-store"
      "\r\nX-Content-Type-Options: nosniff"
      "\r\nContent-Security-Policy: default-src 'none'; frame-ancestors 'none'"
      "\r\nConnection: ";
  out += after == After::close ? "close\r\n\r\n" : "keep-alive\r\n\r\n";
  if (body == Body::sent) out += response.body;
  return out;
}

}  // namespace net::http
