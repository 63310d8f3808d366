// SPDX-License-Identifier: Apache-2.0
// Response: an answer to one request, and its bytes (RFC 9110, 9112).
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"

namespace net::http {

struct Response {
  int status = 200;
  std::string_view type = "text/plain; charset=utf-8";
  std::string body;
};

// With one sentence for whoever looks at it.
Response refusal(int status);

enum class Body { sent, left_out };  // HEAD: the same fields without the body
enum class After { keep_alive, close };
// Says nothing of the program behind it. Pages are not kept, not guessed at, not framed.
std::string to_bytes(const Response& response, Body body, After after, base::Time now);

}  // namespace net::http
