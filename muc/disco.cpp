// SPDX-License-Identifier: Apache-2.0
// Discovery of one room, XEP-0045 6.4, 6.5. A hidden room looks like one that is not there to those
// who may not enter it (BI-MUC-32).
#include "muc/administration/commands.h"
#include "muc/verbs/verbs.h"
#include "xmpp/data_form.h"
#include "xmpp/ns.h"

namespace muc {
namespace {

using xmpp::Condition;

constexpr std::string_view roominfo = "http://jabber.org/protocol/muc#roominfo";

xmpp::Element to_query(const DiscoInfo& info) {
  xmpp::Element query("query", xmpp::ns::disco_info);
  query.add("identity", xmpp::ns::disco_info)
      .set_attr("category", "conference")
      .set_attr("type", "text")
      .set_attr("name", info.name);
  for (const auto& feature : info.features)
    query.add("feature", xmpp::ns::disco_info).set_attr("var", feature);
  xmpp::DataForm form{.type = xmpp::DataForm::Type::result, .fields = info.roominfo};
  query.add(xmpp::to_element(form));
  return query;
}

void answer_node(Turn& turn, const Incoming& in, std::string_view node) {
  for (const Feature* feature : all_features())
    if (feature->handle_node != nullptr && feature->handle_node(turn, in, node)) return;
  turn.refuse(in, {Condition::item_not_found});
}

}  // namespace

void room_info(Turn& turn, const Incoming& in) {
  const auto node = in.stanza.child("query", xmpp::ns::disco_info)->attr("node");
  if (!node.empty()) return answer_node(turn, in, node);
  DiscoInfo info{.name = std::string(turn.room.jid.local())};
  for (const auto ns : {xmpp::ns::muc, xmpp::ns::disco_info, xmpp::ns::disco_items, xmpp::ns::rsm})
    info.features.emplace_back(ns);
  info.features.emplace_back("http://jabber.org/protocol/muc#stable_id");
  info.roominfo.push_back(
      {.var = "FORM_TYPE", .type = xmpp::FieldType::hidden, .values = {std::string(roominfo)}});
  for_each_hook<&Feature::disco>(std::as_const(turn.room), info);
  turn.answer(in, to_query(info));
}

// Who is inside is for those inside: the list is empty (6.5 leaves that to us).
void room_items(Turn& turn, const Incoming& in) {
  const auto node = in.stanza.child("query", xmpp::ns::disco_items)->attr("node");
  if (node == xmpp::ns::commands) return turn.answer(in, command_items(turn.room, in.from));
  if (!node.empty()) return turn.refuse(in, {Condition::item_not_found});
  turn.answer(in, xmpp::Element("query", xmpp::ns::disco_items));
}

}  // namespace muc
