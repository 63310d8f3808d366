// SPDX-License-Identifier: Apache-2.0
// Request: what a read-only server wants to know of a request (RFC 9110, 9112). The syntax is
// llhttp's business, what is acceptable is ours.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace net::http {

enum class Method { get, head, other };

struct Request {
  Method method = Method::other;
  std::string path;         // as it was sent, without the query: "/metrics"
  std::string host;         // lower case, without port; IPv6 in brackets; "" in HTTP/1.0
  bool keep_alive = false;  // the connection may go on afterwards
};

// `head` as HeadReader gives it. A refusal is a status: 400, 413 (it announces a body), 501 (no
// method that anybody knows), 505. What follows such a head cannot be told apart: close.
base::Result<Request, int> parse_request(std::string_view head);

}  // namespace net::http
