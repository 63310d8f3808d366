// SPDX-License-Identifier: Apache-2.0
#include "accounts/personal/capabilities.h"

#include <algorithm>

#include "xmpp/caps.h"
#include "xmpp/ns.h"

namespace accounts {
namespace {

constexpr std::string_view suffix = "+notify";
constexpr std::size_t interests_max = 50;
constexpr std::size_t interest_bytes_max = 256;

Interests interests(const xmpp::Element& query) {
  std::vector<std::string> nodes;
  query.for_each_child([&](const xmpp::Element& child) {
    std::string_view var = child.attr("var");
    if (!child.is("feature", xmpp::ns::disco_info) || !var.ends_with(suffix)) return;
    var.remove_suffix(suffix.size());
    if (nodes.size() < interests_max && var.size() <= interest_bytes_max) nodes.emplace_back(var);
  });
  std::ranges::sort(nodes);
  nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
  return std::make_shared<const std::vector<std::string>>(std::move(nodes));
}

}  // namespace

std::optional<Interests> Capabilities::find(const std::string& ver) const {
  const auto at = known_.find(ver);
  if (at == known_.end()) return std::nullopt;
  return at->second;
}

Interests Capabilities::learn(const std::string& ver, const xmpp::Element& query) {
  Interests said = interests(query);
  if (known_.contains(ver) || xmpp::caps_ver(query) != ver) return said;
  if (known_.size() >= max_) {
    known_.erase(order_.front());
    order_.pop_front();
  }
  known_.emplace(ver, said);
  order_.push_back(ver);
  return said;
}

}  // namespace accounts
