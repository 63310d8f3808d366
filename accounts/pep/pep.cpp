// SPDX-License-Identifier: Apache-2.0
#include "accounts/pep/pep.h"

#include <algorithm>
#include <charconv>

#include "accounts/pep/changes.h"
#include "accounts/pep/errors.h"
#include "accounts/pep/options.h"
#include "accounts/pep/publish.h"
#include "accounts/personal/limits.h"
#include "xmpp/ns.h"

namespace accounts::pep {
namespace {

namespace ns = xmpp::ns;
using xmpp::Condition;
using xmpp::Element;
using xmpp::StanzaError;

// §6.5
Answer items(const Turn& turn, const Element& wanted) {
  const auto node = turn.data().nodes.find(std::string(wanted.attr("node")));
  const bool found = node != turn.data().nodes.end();
  if (!turn.own() && (!found || from_text(node->second.options).access != Access::open))
    return StanzaError{Condition::service_unavailable};
  if (wanted.attr("node").empty()) return error(Condition::bad_request, "nodeid-required");
  if (!found) return StanzaError{Condition::item_not_found};

  std::size_t max = limits::items_per_node;
  if (const std::string* text = wanted.find_attr("max_items")) {
    const auto [end, wrong] = std::from_chars(text->data(), text->data() + text->size(), max);
    if (end != text->data() + text->size() || wrong != std::errc{} || max == 0)
      return StanzaError{Condition::bad_request, "max_items is a number from 1."};
  }
  std::vector<std::string> ids;
  wanted.for_each_child([&](const Element& item) {
    if (item.is("item", ns::pubsub)) ids.emplace_back(item.attr("id"));
  });
  const auto& all = node->second.items;
  const std::size_t first = ids.empty() && all.size() > max ? all.size() - max : 0;
  Element answer("pubsub", ns::pubsub);
  Element& list = answer.add("items", ns::pubsub).set_attr("node", node->first);
  for (std::size_t i = first; i < all.size(); ++i)
    if (ids.empty() || std::ranges::find(ids, all[i].id) != ids.end())
      list.add("item", ns::pubsub).set_attr("id", all[i].id).add(all[i].payload);
  return turn.result(std::move(answer));
}

// A form within <configure/>; nullopt: there is none, and the node is as it is by default.
std::optional<StanzaError> read_options(const Element* configure, Options& options) {
  const Element* x = configure == nullptr ? nullptr : configure->child("x", ns::data_form);
  if (x == nullptr) return std::nullopt;
  const auto form = xmpp::parse_form(*x);
  if (!form) return StanzaError{Condition::bad_request, "The configuration is no form."};
  if (form->type == xmpp::DataForm::Type::cancel) return std::nullopt;
  return apply(*form, options);
}

// §8.1
Answer create(const Turn& turn, const Element& pubsub, const Element& wanted) {
  const std::string name(wanted.attr("node"));
  if (name.empty()) return error(Condition::not_acceptable, "nodeid-required");
  if (name.size() > limits::node_name_bytes)
    return StanzaError{Condition::not_acceptable, "The node's name is too long."};
  auto& nodes = turn.data().nodes;
  if (nodes.contains(name)) return StanzaError{Condition::conflict};
  if (nodes.size() >= limits::nodes) return error(Condition::conflict, "max-nodes-exceeded");
  Options options = defaults_for(name);
  if (auto wrong = read_options(pubsub.child("configure", ns::pubsub), options))
    return std::move(*wrong);
  create_node(turn, name, options);
  return turn.result();
}

Element with_form(std::string_view what, const std::string& node, const Options& options) {
  Element answer("pubsub", ns::pubsub_owner);
  Element& about = answer.add(what, ns::pubsub_owner);
  if (!node.empty()) about.set_attr("node", node);
  about.add(xmpp::to_element(to_form(options)));
  return answer;
}

// §8.2
Answer configure(const Turn& turn, const Element& wanted, const std::string& name) {
  Options options = from_text(turn.data().nodes.at(name).options);
  if (turn.is_get()) return turn.result(with_form("configure", name, options));
  const Options before = options;
  if (auto wrong = read_options(&wanted, options)) return std::move(*wrong);
  if (!(options == before)) configure_node(turn, name, options);
  return turn.result();
}

}  // namespace

const std::array<std::string_view, 21> features{
    "http://jabber.org/protocol/pubsub",
    "http://jabber.org/protocol/pubsub#access-open",
    "http://jabber.org/protocol/pubsub#access-presence",
    "http://jabber.org/protocol/pubsub#access-whitelist",
    "http://jabber.org/protocol/pubsub#auto-create",
    "http://jabber.org/protocol/pubsub#config-node",
    "http://jabber.org/protocol/pubsub#config-node-max",
    "http://jabber.org/protocol/pubsub#create-and-configure",
    "http://jabber.org/protocol/pubsub#create-nodes",
    "http://jabber.org/protocol/pubsub#delete-items",
    "http://jabber.org/protocol/pubsub#delete-nodes",
    "http://jabber.org/protocol/pubsub#filtered-notifications",
    "http://jabber.org/protocol/pubsub#item-ids",
    "http://jabber.org/protocol/pubsub#last-published",
    "http://jabber.org/protocol/pubsub#multi-items",
    "http://jabber.org/protocol/pubsub#persistent-items",
    "http://jabber.org/protocol/pubsub#publish",
    "http://jabber.org/protocol/pubsub#publish-options",
    "http://jabber.org/protocol/pubsub#purge-nodes",
    "http://jabber.org/protocol/pubsub#retrieve-default",
    "http://jabber.org/protocol/pubsub#retrieve-items",
};

Answer pubsub(Turn& turn) {
  const Element& pubsub = turn.payload();
  const Element* verb = pubsub.first_child();
  const bool read = pubsub.name() == "pubsub" && verb != nullptr && turn.is_get() &&
                    verb->is("items", ns::pubsub);
  if (!turn.own() && !read) return StanzaError{Condition::service_unavailable};
  if (pubsub.name() != "pubsub" || verb == nullptr) return StanzaError{Condition::bad_request};
  if (read) return items(turn, *verb);
  if (turn.is_get()) return unsupported("retrieve-" + verb->name());
  if (verb->is("publish", ns::pubsub)) return publish(turn, pubsub, *verb);
  if (verb->is("retract", ns::pubsub)) return retract(turn, *verb);
  if (verb->is("create", ns::pubsub)) return create(turn, pubsub, *verb);
  return unsupported(verb->name() == "subscribe" || verb->name() == "unsubscribe"
                         ? "subscribe"
                         : "manage-subscriptions");
}

Answer owner(Turn& turn) {
  const Element* verb = turn.payload().first_child();
  if (turn.payload().name() != "pubsub" || verb == nullptr)
    return StanzaError{Condition::bad_request};
  const std::string& what = verb->name();
  if (what == "default" && turn.is_get()) return turn.result(with_form("default", {}, Options{}));
  if (what != "configure" && what != "delete" && what != "purge")
    return unsupported(what == "affiliations" ? "modify-affiliations" : "manage-subscriptions");
  const std::string name(verb->attr("node"));
  if (name.empty()) return error(Condition::bad_request, "nodeid-required");
  if (!turn.data().nodes.contains(name)) return StanzaError{Condition::item_not_found};
  if (what == "configure") return configure(turn, *verb, name);
  if (turn.is_get()) return StanzaError{Condition::bad_request};
  if (what == "delete")
    delete_node(turn, name);
  else
    purge_node(turn, name);
  return turn.result();
}

Answer disco_info(Turn& turn) {
  const auto node = turn.data().nodes.find(std::string(turn.payload().attr("node")));
  if (!turn.is_get() || node == turn.data().nodes.end())
    return StanzaError{Condition::item_not_found};
  Element query("query", ns::disco_info);
  query.set_attr("node", node->first);
  query.add("identity", ns::disco_info).set_attr("category", "pubsub").set_attr("type", "leaf");
  query.add("feature", ns::disco_info).set_attr("var", ns::pubsub);
  return turn.result(std::move(query));
}

Answer disco_items(Turn& turn) {
  const std::string name(turn.payload().attr("node"));
  if (!turn.is_get()) return StanzaError{Condition::service_unavailable};
  Element query("query", ns::disco_items);
  const auto item = [&] {
    return &query.add("item", ns::disco_items).set_attr("jid", turn.state.account.str());
  };
  if (name.empty()) {
    for (const auto& [node, kept] : turn.data().nodes) item()->set_attr("node", node);
    return turn.result(std::move(query));
  }
  const auto node = turn.data().nodes.find(name);
  if (node == turn.data().nodes.end()) return StanzaError{Condition::item_not_found};
  query.set_attr("node", name);
  for (const auto& kept : node->second.items) item()->set_attr("name", kept.id);
  return turn.result(std::move(query));
}

}  // namespace accounts::pep
