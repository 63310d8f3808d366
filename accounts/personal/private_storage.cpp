// SPDX-License-Identifier: Apache-2.0
#include "accounts/personal/private_storage.h"

#include "accounts/personal/bookmarks.h"
#include "accounts/personal/limits.h"
#include "accounts/personal/space.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace accounts {
namespace {

namespace ns = xmpp::ns;
using xmpp::Condition;
using xmpp::Element;
using xmpp::StanzaError;

Element stored(const Turn& turn, const Element& asked) {
  if (is_old_bookmarks(asked)) return old_bookmarks(turn.data());
  const auto at = turn.data().private_xml.find({asked.ns(), asked.name()});
  if (at != turn.data().private_xml.end()) return at->second.element;
  return Element(asked.name(), asked.ns());
}

Answer set(Turn& turn, const Element& element) {
  std::string xml = xmpp::to_xml(element, ns::client);
  if (xml.size() > limits::private_item_bytes)
    return StanzaError{Condition::not_acceptable, "This is too much to be kept."};
  auto& kept = turn.data().private_xml;
  const std::pair key(element.ns(), element.name());
  if (!kept.contains(key) && kept.size() >= limits::private_items)
    return StanzaError{xmpp::ErrorType::cancel, Condition::resource_constraint,
                       "Nothing more can be kept."};
  const bool bookmarks = is_old_bookmarks(element);
  Element rest = bookmarks ? without_conferences(element) : element;
  if (bookmarks) xml = xmpp::to_xml(rest, ns::client);
  const std::size_t freed = kept.contains(key) ? kept[key].bytes : 0;
  if (bookmarks) {
    if (auto wrong = set_old_bookmarks(turn, element, freed, xml.size())) return std::move(*wrong);
  } else if (!has_room(turn.data(), freed, xml.size())) {
    return no_room();
  }
  kept[key] = {std::move(rest), xml.size()};
  turn.record(record::PrivateXmlChanged{
      .localpart = turn.localpart(), .ns = key.first, .name = key.second, .xml = std::move(xml)});
  return turn.result();
}

}  // namespace

Answer private_storage(Turn& turn) {
  const Element& query = turn.payload();
  if (query.name() != "query") return StanzaError{Condition::service_unavailable};
  const Element* element = query.first_child();
  if (element == nullptr || query.child_count() != 1)
    return StanzaError{Condition::bad_request, "The query has exactly one element."};
  // XEP-0049 §3: what is kept needs a namespace of its own.
  if (element->ns() == ns::private_xml || element->ns().empty())
    return StanzaError{Condition::not_acceptable, "The element needs a namespace of its own."};
  if (!turn.is_get()) return set(turn, *element);
  Element answer("query", ns::private_xml);
  answer.add(stored(turn, *element));
  return turn.result(std::move(answer));
}

}  // namespace accounts
