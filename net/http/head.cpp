// SPDX-License-Identifier: Apache-2.0
#include "net/http/head.h"

#include <utility>

namespace net::http {
namespace {

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

}  // namespace

HeadReader::Found HeadReader::read(std::string_view& bytes) {
  while (!bytes.empty()) {
    const char c = bytes.front();
    bytes.remove_prefix(1);
    const bool after_cr = head_.ends_with('\r');
    if (after_cr != (c == '\n') || (is_control(c) && c != '\r' && c != '\n'))
      return Found::malformed;
    // A folded line, a field without a name.
    const bool at_start = head_.size() == line_start_;
    if (at_start && (c == ' ' || c == '\t' || c == ':')) return Found::malformed;
    head_ += c;
    if (c == '\n') {
      const bool empty = head_.size() - line_start_ == 2;
      if (empty && fields_start_ != 0) return Found::head;
      if (empty) {
        if (std::exchange(skipped_, true)) return Found::malformed;
        head_.clear();
        continue;
      }
      line_start_ = head_.size();
      if (fields_start_ == 0) fields_start_ = head_.size();
    }
    // An unfinished line is as long as it is without a CR that may be its end.
    const std::size_t size = head_.size() - (c == '\r' ? 1 : 0);
    if (fields_start_ == 0 && size > limits_.line_bytes) return Found::long_line;
    if (fields_start_ != 0 && size - fields_start_ > limits_.fields_bytes)
      return Found::long_fields;
  }
  return Found::part;
}

std::string HeadReader::take() {
  line_start_ = fields_start_ = 0;
  skipped_ = false;
  return std::exchange(head_, {});
}

}  // namespace net::http
