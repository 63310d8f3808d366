// SPDX-License-Identifier: Apache-2.0
#include "probe/stream_log.h"

namespace probe {
namespace {

// What stands between the first `from` and the next one of `until`; "" if it is not there.
std::string between(std::string_view text, std::string_view from, std::string_view until) {
  const auto at = text.find(from);
  if (at == std::string_view::npos) return "";
  text.remove_prefix(at + from.size());
  return std::string(text.substr(0, text.find_first_of(until)));
}

// The name of the element's first child that is not <text/>.
std::string condition(std::string_view element) {
  for (auto at = element.find('<', 1); at != std::string_view::npos;
       at = element.find('<', at + 1)) {
    auto name = element.substr(at + 1);
    name = name.substr(0, name.find_first_of(" />"));
    if (!name.empty() && name != "text") return std::string(name);
  }
  return "";
}

}  // namespace

void StreamLog::read(std::string_view line) {
  if (line.starts_with("RECV: <failure") && line.find("xmpp-sasl") != std::string_view::npos) {
    line.remove_prefix(6);
    sasl_condition_ = condition(line);
    const auto text = between(line, "<text", "<");
    sasl_text_ = text.substr(text.find('>') + 1);
  } else if (line.starts_with("parse error")) {
    not_xmpp_ = true;
  } else if (line.starts_with("TLS is not supported")) {
    tls_missing_ = true;
  } else if (line.starts_with("Couldn't start TLS")) {
    tls_failed_ = true;
  } else if (line.starts_with("Certificate verification FAILED")) {
    certificate_fault_ = between(line, "result=", "(");
  } else if (line.starts_with("Cannot authenticate with known methods")) {
    no_mechanism_ = true;
  } else if (line.starts_with("Binding failed")) {
    bind_refused_ = true;
  }
}

}  // namespace probe
