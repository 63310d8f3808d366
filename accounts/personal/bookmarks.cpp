// SPDX-License-Identifier: Apache-2.0
#include "accounts/personal/bookmarks.h"

#include <algorithm>

#include "accounts/pep/changes.h"
#include "accounts/personal/limits.h"
#include "accounts/personal/space.h"
#include "xmpp/data_form.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace accounts {
namespace {

namespace ns = xmpp::ns;
using xmpp::Condition;
using xmpp::Element;
using xmpp::Jid;
using xmpp::StanzaError;

// What both forms of a bookmark say.
struct Bookmark {
  std::string name;
  bool autojoin = false;
  std::optional<std::string> nick, password;
  friend bool operator==(const Bookmark&, const Bookmark&) = default;
};

Bookmark read(const Element& conference) {
  return {std::string(conference.attr("name")),
          xmpp::parse_boolean(conference.attr("autojoin")).value_or(false),
          xmpp::child_text(conference, "nick", conference.ns()),
          xmpp::child_text(conference, "password", conference.ns())};
}

Element write(const Bookmark& bookmark, std::string_view in) {
  Element conference("conference", in);
  if (!bookmark.name.empty()) conference.set_attr("name", bookmark.name);
  conference.set_attr("autojoin", bookmark.autojoin ? "true" : "false");
  if (bookmark.nick) conference.add("nick", in).set_text(*bookmark.nick);
  if (bookmark.password) conference.add("password", in).set_text(*bookmark.password);
  return conference;
}

std::optional<Jid> room(std::string_view text) {
  auto jid = Jid::parse(text);
  if (jid && (!jid->is_bare() || !jid->has_local())) jid.reset();
  return jid;
}

bool is_bookmark(const Element& child) {
  return child.is("conference", ns::bookmarks_old) && room(child.attr("jid"));
}

std::map<std::string, Bookmark> read_all(const Element& storage) {
  std::map<std::string, Bookmark> all;
  storage.for_each_child([&](const Element& child) {
    if (is_bookmark(child)) all.insert_or_assign(room(child.attr("jid"))->str(), read(child));
  });
  return all;
}

// What the node's items are to be, with what newer clients added to them.
std::map<std::string, Element> write_all(const std::map<std::string, Bookmark>& wanted,
                                         const std::vector<PepItem>& there) {
  std::map<std::string, Element> all;
  for (const auto& [id, bookmark] : wanted) {
    const auto old = std::ranges::find(there, id, &PepItem::id);
    const bool same = old != there.end() && read(old->payload) == bookmark;  // §4.3.2
    Element conference = same ? old->payload : write(bookmark, ns::bookmarks);
    if (!same && old != there.end())
      if (const Element* extensions = old->payload.child("extensions", ns::bookmarks))
        conference.add(*extensions);
    all.emplace(id, std::move(conference));
  }
  return all;
}

}  // namespace

std::optional<StanzaError> check_bookmark(const std::string& id, const Element& payload) {
  if (!room(id)) return StanzaError{Condition::bad_request, "A bookmark's id is a room's JID."};
  if (!payload.is("conference", ns::bookmarks))
    return StanzaError{Condition::bad_request, "A bookmark is a conference element."};
  return std::nullopt;
}

bool is_old_bookmarks(const Element& element) { return element.is("storage", ns::bookmarks_old); }

Element old_bookmarks(const PersonalData& data) {
  Element storage("storage", ns::bookmarks_old);
  const auto kept = data.private_xml.find({std::string(ns::bookmarks_old), "storage"});
  if (kept != data.private_xml.end()) storage = kept->second.element;
  const auto node = data.nodes.find(std::string(ns::bookmarks));
  if (node == data.nodes.end()) return storage;
  for (const PepItem& item : node->second.items) {
    Element conference = write(read(item.payload), ns::bookmarks_old);
    storage.add(std::move(conference.set_attr("jid", item.id)));
  }
  return storage;
}

std::optional<StanzaError> set_old_bookmarks(Turn& turn, const Element& storage, std::size_t freed,
                                             std::size_t added) {
  const std::string name(ns::bookmarks);
  auto& nodes = turn.data().nodes;
  const auto node = nodes.find(name);
  const auto there = node == nodes.end() ? std::vector<PepItem>() : node->second.items;
  const auto wanted = write_all(read_all(storage), there);
  std::size_t payloads = 0, ids = 0;
  for (const auto& [id, conference] : wanted) {
    payloads += xmpp::to_xml(conference, ns::client).size();
    ids += id.size();
  }
  if (wanted.size() > limits::items_per_node || payloads > limits::node_bytes)
    return StanzaError{Condition::not_acceptable, "These are too many bookmarks."};
  if (node != nodes.end()) freed += bytes_of(node->second);
  if (!has_room(turn.data(), freed, added + payloads + ids)) return no_room();
  if (node == nodes.end()) {
    if (wanted.empty()) return std::nullopt;
    pep::create_node(turn, name, pep::defaults_for(name));
  }
  for (const PepItem& item : there) {
    const auto jid = room(item.id);
    if (!jid || !wanted.contains(jid->str())) pep::retract_item(turn, name, item.id, true);
  }
  for (const auto& [id, conference] : wanted) {
    const auto old = std::ranges::find(there, id, &PepItem::id);
    if (old == there.end() || old->payload != conference)
      pep::publish_item(turn, name, id, conference);
  }
  return std::nullopt;
}

Element without_conferences(Element storage) {
  storage.remove_children_if(is_bookmark);
  return storage;
}

}  // namespace accounts
