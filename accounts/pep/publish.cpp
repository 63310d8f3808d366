// SPDX-License-Identifier: Apache-2.0
// Publishing and retracting, XEP-0060 §7.1 and §7.2.
#include "accounts/pep/publish.h"

#include <algorithm>

#include "accounts/pep/changes.h"
#include "accounts/pep/errors.h"
#include "accounts/pep/options.h"
#include "accounts/personal/bookmarks.h"
#include "accounts/personal/limits.h"
#include "accounts/personal/space.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace accounts::pep {
namespace {

namespace ns = xmpp::ns;
using xmpp::Condition;
using xmpp::Element;
using xmpp::StanzaError;

struct Publication {
  std::string node, id;
  Element payload;
  std::size_t bytes = 0;
  std::optional<xmpp::DataForm> options;
};

std::optional<StanzaError> read(const Element& pubsub, const Element& publish, Publication& out) {
  out.node = publish.attr("node");
  if (out.node.empty()) return error(Condition::bad_request, "nodeid-required");
  if (out.node.size() > limits::node_name_bytes)
    return StanzaError{Condition::not_acceptable, "The node's name is too long."};
  const Element* item = publish.child("item", ns::pubsub);
  if (item == nullptr) return error(Condition::bad_request, "item-required");
  if (publish.child_count() != 1)
    return StanzaError{Condition::bad_request, "Publish one item at a time."};
  out.id = item->attr("id");
  if (out.id.size() > limits::item_id_bytes)
    return StanzaError{Condition::not_acceptable, "The item's id is too long."};
  if (item->child_count() != 1)
    return error(Condition::bad_request,
                 item->child_count() == 0 ? "payload-required" : "invalid-payload");
  out.payload = *item->first_child();
  out.bytes = xmpp::to_xml(out.payload, ns::client).size();
  if (out.bytes > limits::item_bytes) return error(Condition::not_acceptable, "payload-too-big");
  if (const Element* options = pubsub.child("publish-options", ns::pubsub)) {
    const Element* x = options->child("x", ns::data_form);
    if (x != nullptr) out.options = xmpp::parse_form(*x);
    if (!out.options) return StanzaError{Condition::bad_request, "The options are no form."};
  }
  return std::nullopt;
}

// §7.1.5: for a node that is there, what the client takes for granted.
std::optional<StanzaError> check_preconditions(const Publication& publication,
                                               const Options& options) {
  Options wanted = options;
  if (publication.options && (apply(*publication.options, wanted) || !(wanted == options)))
    return error(Condition::conflict, "precondition-not-met");
  return std::nullopt;
}

// What a node will hold: payloads and their ids.
struct Bytes {
  std::size_t payloads = 0, ids = 0;
};

Bytes bytes_after(const PepNode& node, const Publication& publication, std::size_t max) {
  Bytes bytes{publication.bytes, publication.id.size()};
  std::size_t count = 1;
  for (auto item = node.items.rbegin(); item != node.items.rend() && count < max; ++item) {
    if (item->id == publication.id) continue;
    bytes.payloads += item->bytes;
    bytes.ids += item->id.size();
    ++count;
  }
  return bytes;
}

std::string fresh_id(const PepNode& node) {
  const std::int64_t seq = node.items.empty() ? 1 : node.items.back().seq + 1;
  std::string id = "item-" + std::to_string(seq);
  const auto taken = [&] {
    return std::ranges::any_of(node.items, [&](const PepItem& item) { return item.id == id; });
  };
  while (taken()) id += "-";
  return id;
}

}  // namespace

Answer publish(Turn& turn, const Element& pubsub, const Element& element) {
  Publication publication;
  if (auto wrong = read(pubsub, element, publication)) return std::move(*wrong);
  if (publication.node == ns::bookmarks)
    if (auto wrong = check_bookmark(publication.id, publication.payload)) return std::move(*wrong);
  auto& nodes = turn.data().nodes;
  const auto at = nodes.find(publication.node);
  if (at == nodes.end()) {
    if (nodes.size() >= limits::nodes) return error(Condition::conflict, "max-nodes-exceeded");
    Options options = defaults_for(publication.node);
    if (publication.options)
      if (auto wrong = apply(*publication.options, options)) return std::move(*wrong);
    if (!has_room(turn.data(), 0, publication.bytes + publication.id.size())) return no_room();
    create_node(turn, publication.node, options);
  } else {
    const Options options = from_text(at->second.options);
    if (auto wrong = check_preconditions(publication, options)) return std::move(*wrong);
    const Bytes after = bytes_after(at->second, publication, options.max_items);
    if (after.payloads > limits::node_bytes)
      return error(Condition::not_acceptable, "max-items-exceeded");
    if (options.persist_items &&
        !has_room(turn.data(), bytes_of(at->second), after.payloads + after.ids))
      return no_room();
  }
  if (publication.id.empty()) publication.id = fresh_id(nodes.at(publication.node));
  Element answer("pubsub", ns::pubsub);
  answer.add("publish", ns::pubsub)
      .set_attr("node", publication.node)
      .add("item", ns::pubsub)
      .set_attr("id", publication.id);
  publish_item(turn, publication.node, publication.id, std::move(publication.payload));
  return turn.result(std::move(answer));
}

Answer retract(Turn& turn, const Element& element) {
  const std::string node(element.attr("node"));
  if (node.empty()) return error(Condition::bad_request, "nodeid-required");
  const Element* item = element.child("item", ns::pubsub);
  if (item == nullptr || item->attr("id").empty() || element.child_count() != 1)
    return error(Condition::bad_request, "item-required");
  if (!turn.data().nodes.contains(node)) return StanzaError{Condition::item_not_found};
  const bool tell = xmpp::parse_boolean(element.attr("notify")).value_or(false);
  if (!retract_item(turn, node, std::string(item->attr("id")), tell))
    return StanzaError{Condition::item_not_found};
  return turn.result();
}

}  // namespace accounts::pep
