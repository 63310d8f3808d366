// SPDX-License-Identifier: Apache-2.0
#include "net/http/hosts.h"

#include <arpa/inet.h>

#include <algorithm>

namespace net::http {
namespace {

std::string without_brackets(const std::string& host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    return host.substr(1, host.size() - 2);
  return host;
}

std::string canonical(std::string host) {
  std::transform(host.begin(), host.end(), host.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return without_brackets(host);
}

}  // namespace

Hosts::Hosts(const std::vector<std::string>& names, bool any_address) : any_address_(any_address) {
  names_.insert("localhost");
  for (const auto& name : names) names_.insert(canonical(name));
}

bool Hosts::allow(const std::string& host) const {
  if (host.empty()) return true;
  const std::string name = canonical(host);
  if (names_.contains(name)) return true;
  in_addr v4{};
  if (inet_pton(AF_INET, name.c_str(), &v4) == 1)
    return any_address_ || (ntohl(v4.s_addr) >> 24) == IN_LOOPBACKNET;
  in6_addr v6{};
  if (inet_pton(AF_INET6, name.c_str(), &v6) == 1) return any_address_ || IN6_IS_ADDR_LOOPBACK(&v6);
  return false;
}

}  // namespace net::http
