// SPDX-License-Identifier: Apache-2.0
// Which nick is reserved for me? Asked from inside or outside.
#include "muc/administration/register.h"
#include "xmpp/ns.h"

namespace muc {
namespace {

constexpr std::string_view own_nick_node = "x-roomuser-item";

bool handle_node(Turn& turn, const Incoming& in, std::string_view node) {
  if (node != own_nick_node) return false;
  xmpp::Element query("query", xmpp::ns::disco_info);
  query.set_attr("node", node);
  if (const auto nick = reserved_nick(turn.room, in.from); !nick.empty())
    query.add("identity", xmpp::ns::disco_info)
        .set_attr("category", "conference")
        .set_attr("type", "text")
        .set_attr("name", nick);
  turn.answer(in, std::move(query));
  return true;
}

}  // namespace

extern const Feature own_nick_feature{
    .name = "own_nick", .spec = "XEP-0045 7.12", .handle_node = handle_node};

}  // namespace muc
