// SPDX-License-Identifier: Apache-2.0
// Ad-hoc commands in the room: which there are, their forms, and what is submitted.
#include "muc/administration/commands.h"

#include "xmpp/ns.h"

namespace muc {
namespace {

using xmpp::Condition;
using xmpp::DataForm;

const RoomCommand* find_command(std::string_view node) {
  for (const RoomCommand& command : hat_commands())
    if (command.node == node) return &command;
  return nullptr;
}

xmpp::Element reply(Turn& turn, const xmpp::Element& asked, std::string_view status) {
  xmpp::Element command("command", xmpp::ns::commands);
  std::string session(asked.attr("sessionid"));
  if (session.empty() || session.size() > 100)
    session = base::random_token(turn.room.world.random, 12);
  command.set_attr("node", asked.attr("node"))
      .set_attr("sessionid", session)
      .set_attr("status", status);
  return command;
}

void give_form(Turn& turn, const Incoming& in, const xmpp::Element& asked, const DataForm& form) {
  xmpp::Element answer = reply(turn, asked, "executing");
  answer.add("actions", xmpp::ns::commands)
      .set_attr("execute", "complete")
      .add("complete", xmpp::ns::commands);
  answer.add(xmpp::to_element(form));
  turn.answer(in, std::move(answer));
}

void run(Turn& turn, const Incoming& in, const xmpp::Element& asked, const RoomCommand& command) {
  const xmpp::Element* x = asked.child("x", xmpp::ns::data_form);
  const auto action = asked.attr("action");
  const auto form = x == nullptr ? std::nullopt : xmpp::parse_form(*x);
  if (action == "cancel" || (form && form->type == DataForm::Type::cancel))
    return turn.answer(in, reply(turn, asked, "canceled"));
  if (action == "prev" || (x != nullptr && !form)) return turn.refuse(in, {Condition::bad_request});
  if (!form && command.form != nullptr) return give_form(turn, in, asked, command.form(turn.room));
  auto outcome = command.run(turn, in, form.value_or(DataForm{}));
  if (!outcome) return turn.refuse(in, outcome.error());
  xmpp::Element answer = reply(turn, asked, "completed");
  if (*outcome) answer.add(std::move(**outcome));
  turn.answer(in, std::move(answer));
}

bool handle_iq(Turn& turn, const Incoming& in) {
  const xmpp::Element* asked = in.stanza.child("command", xmpp::ns::commands);
  if (asked == nullptr) return false;
  const RoomCommand* command = find_command(asked->attr("node"));
  if (in.stanza.attr("type") != "set")
    turn.refuse(in, {Condition::bad_request});
  else if (command == nullptr)
    turn.refuse(in, {Condition::item_not_found});
  else if (!command->allowed(turn.room, in.from))
    turn.refuse(in, {Condition::forbidden});
  else
    run(turn, in, *asked, *command);
  return true;
}

bool handle_node(Turn& turn, const Incoming& in, std::string_view node) {
  const RoomCommand* command = find_command(node);
  if (command == nullptr || !command->allowed(turn.room, in.from)) return false;
  xmpp::Element query("query", xmpp::ns::disco_info);
  query.set_attr("node", node);
  query.add("identity", xmpp::ns::disco_info)
      .set_attr("category", "automation")
      .set_attr("type", "command-node")
      .set_attr("name", command->name);
  for (const auto feature : {xmpp::ns::commands, xmpp::ns::data_form})
    query.add("feature", xmpp::ns::disco_info).set_attr("var", feature);
  turn.answer(in, std::move(query));
  return true;
}

void disco(const Room&, DiscoInfo& info) { info.features.emplace_back(xmpp::ns::commands); }

}  // namespace

xmpp::Element command_items(const Room& room, const xmpp::Jid& real) {
  xmpp::Element query("query", xmpp::ns::disco_items);
  query.set_attr("node", xmpp::ns::commands);
  for (const RoomCommand& command : hat_commands())
    if (command.allowed(room, real))
      query.add("item", xmpp::ns::disco_items)
          .set_attr("jid", room.jid.str())
          .set_attr("node", command.node)
          .set_attr("name", command.name);
  return query;
}

extern const Feature commands_feature{.name = "commands",
                                      .spec = "XEP-0050",
                                      .disco = disco,
                                      .handle_iq = handle_iq,
                                      .handle_node = handle_node};

}  // namespace muc
