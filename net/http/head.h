// SPDX-License-Identifier: Apache-2.0
// HeadReader: cuts what arrives into the heads of requests (RFC 9112 §2.1: request line, fields,
// empty line). It is stricter about lines than any parser behind it: they end in CRLF, and neither
// CR nor LF nor another control character stands anywhere else; no line is folded (§5.2). So there
// is nothing that this server and a proxy before it could read differently. One empty line before
// a request is passed over (§2.2).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace net::http {

struct HeadLimits {
  std::size_t line_bytes = 8192;    // the request line, without CRLF
  std::size_t fields_bytes = 8192;  // all fields with their CRLFs, without the empty line
};

class HeadReader {
 public:
  explicit HeadReader(const HeadLimits& limits) : limits_(limits) {}

  enum class Found {
    part,         // all is taken; more must come
    head,         // take() gives it
    malformed,    // 400
    long_line,    // 414
    long_fields,  // 431
  };
  // Takes from the front of `bytes` up to the end of one head. After the last three: give up.
  Found read(std::string_view& bytes);
  std::string take();  // with its empty line; the next may begin
  bool begun() const { return skipped_ || !head_.empty(); }

 private:
  HeadLimits limits_;
  std::string head_;
  std::size_t line_start_ = 0;
  std::size_t fields_start_ = 0;  // 0: still in the request line
  bool skipped_ = false;          // an empty line before it
};

}  // namespace net::http
