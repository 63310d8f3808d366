// SPDX-License-Identifier: Apache-2.0
// Hosts: under which names a page may be asked for. A browser that was made to look a foreign name
// up as one of our addresses (DNS rebinding) names that name, and gets 421 (RFC 9110 §15.5.20).
#pragma once

#include <set>
#include <string>
#include <vector>

namespace net::http {

class Hosts {
 public:
  // "localhost" and loopback addresses always. `names`: further ones, any case. `any_address`: it
  // listens on all addresses, so that each address may be its own.
  Hosts(const std::vector<std::string>& names, bool any_address);

  // As Request::host; "" (HTTP/1.0 without Host) is no name that anybody was lured with.
  bool allow(const std::string& host) const;

 private:
  std::set<std::string> names_;
  bool any_address_;
};

}  // namespace net::http
