// SPDX-License-Identifier: Apache-2.0
#include "accounts/pep/changes.h"

#include <algorithm>

#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace accounts::pep {
namespace {

namespace ns = xmpp::ns;
using xmpp::Element;

bool wants(const Interests& interests, const std::string& node) {
  return interests != nullptr && std::ranges::binary_search(*interests, node);
}

Element message(const State& state, const xmpp::Jid& to, const Element& what) {
  Element message("message", ns::client);
  message.set_attr("type", "headline").set_attr("from", state.account.str());
  message.set_attr("to", to.str());
  message.add("event", ns::pubsub_event).add(what);
  return message;
}

void tell(const Turn& turn, const std::string& node, const Element& what) {
  for (const auto& [jid, listener] : turn.state.listeners)
    if (listener.available && wants(listener.interests, node))
      turn.effects.stanzas.push_back(message(turn.state, jid, what));
}

Element about(std::string_view name, const std::string& node) {
  Element element(name, ns::pubsub_event);
  element.set_attr("node", node);
  return element;
}

Element published(const std::string& node, const std::string& id, const Element& payload) {
  Element items = about("items", node);
  items.add("item", ns::pubsub_event).set_attr("id", id).add(payload);
  return items;
}

void forget_item(const Turn& turn, const std::string& name, const std::string& id) {
  turn.record(record::PepItemChanged{
      .localpart = turn.localpart(), .node = name, .id = id, .removed = true});
}

void evict(const Turn& turn, const std::string& name, PepNode& node, std::size_t max) {
  while (node.items.size() > max) {
    forget_item(turn, name, node.items.front().id);
    node.items.erase(node.items.begin());
  }
}

}  // namespace

PepNode& create_node(const Turn& turn, const std::string& name, const Options& options) {
  PepNode& node = turn.data().nodes[name];
  configure_node(turn, name, options);
  return node;
}

void configure_node(const Turn& turn, const std::string& name, const Options& options) {
  PepNode& node = turn.data().nodes.at(name);
  node.options = to_text(options);
  turn.record(
      record::PepNodeChanged{.localpart = turn.localpart(), .node = name, .options = node.options});
  evict(turn, name, node, options.persist_items ? options.max_items : 0);
}

void delete_node(const Turn& turn, const std::string& name) {
  auto& nodes = turn.data().nodes;
  const bool told = from_text(nodes.at(name).options).notify_delete;
  nodes.erase(name);
  turn.record(record::PepNodeChanged{.localpart = turn.localpart(), .node = name, .removed = true});
  if (told) tell(turn, name, about("delete", name));
}

void purge_node(const Turn& turn, const std::string& name) {
  PepNode& node = turn.data().nodes.at(name);
  evict(turn, name, node, 0);
  if (from_text(node.options).notify_retract) tell(turn, name, about("purge", name));
}

void publish_item(const Turn& turn, const std::string& name, std::string id, Element payload) {
  PepNode& node = turn.data().nodes.at(name);
  const Options options = from_text(node.options);
  tell(turn, name, published(name, id, payload));
  if (!options.persist_items) return;
  std::string xml = xmpp::to_xml(payload, ns::client);
  std::erase_if(node.items, [&](const PepItem& item) { return item.id == id; });
  const std::int64_t seq = node.items.empty() ? 1 : node.items.back().seq + 1;
  evict(turn, name, node, options.max_items - 1);
  node.items.push_back({id, seq, std::move(payload), xml.size()});
  turn.record(record::PepItemChanged{.localpart = turn.localpart(),
                                     .node = name,
                                     .id = std::move(id),
                                     .seq = seq,
                                     .xml = std::move(xml)});
}

bool retract_item(const Turn& turn, const std::string& name, const std::string& id, bool told) {
  PepNode& node = turn.data().nodes.at(name);
  if (std::erase_if(node.items, [&](const PepItem& item) { return item.id == id; }) == 0)
    return false;
  forget_item(turn, name, id);
  if (told || from_text(node.options).notify_retract) {
    Element items = about("items", name);
    items.add("retract", ns::pubsub_event).set_attr("id", id);
    tell(turn, name, items);
  }
  return true;
}

void send_last_items(const State& state, const xmpp::Jid& session, const Listener& listener,
                     const Interests& but_not, Effects& effects) {
  if (!state.data || listener.interests == nullptr) return;
  for (const std::string& name : *listener.interests) {
    const auto node = state.data->nodes.find(name);
    if (node == state.data->nodes.end() || node->second.items.empty()) continue;
    if (wants(but_not, name)) continue;
    if (from_text(node->second.options).send_last != SendLast::on_sub_and_presence) continue;
    const PepItem& last = node->second.items.back();
    effects.stanzas.push_back(message(state, session, published(name, last.id, last.payload)));
  }
}

}  // namespace accounts::pep
