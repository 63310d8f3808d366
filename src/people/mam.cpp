// SPDX-License-Identifier: Apache-2.0
#include "src/people/mam.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "accounts/archive/archive_id.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace server {

namespace ns = xmpp::ns;
using bridge::IqRequest;
using xmpp::Condition;
using xmpp::Element;
using xmpp::ErrorType;
using xmpp::StanzaError;

namespace {

StanzaError unreadable() {
  return {ErrorType::wait, Condition::internal_server_error,
          "The archive cannot be read right now. Try again in a moment."};
}

StanzaError unrecorded() {
  return {ErrorType::wait, Condition::internal_server_error,
          "This could not be recorded. Try again in a moment."};
}

StanzaError busy() {
  return {ErrorType::wait, Condition::resource_constraint,
          "Too many queries at once. Wait for the answers."};
}

Element with_payload(const Element& iq, Element payload) {
  Element result = xmpp::iq_result(iq);
  result.add(std::move(payload));
  return result;
}

}  // namespace

Mam::Mam(Parts parts) : parts_(std::move(parts)), reading_(parts_.shards.size()) {
  bridge::IqRegistry& iqs = parts_.router.iqs();
  iqs.add({.addressee = bridge::Addressee::account,
           .ns = std::string(ns::mam),
           .others = true,
           .handle = [this](IqRequest request) { handle(std::move(request)); }});
  for (const auto feature : {ns::mam, ns::mam_extended, ns::stanza_id})
    iqs.add_feature(bridge::Addressee::account, feature);
}

void Mam::answer(const IqRequest& request, bridge::IqAnswer outcome) {
  parts_.router.route(request.shard, bridge::answer(request.iq, std::move(outcome)));
}

void Mam::handle(IqRequest request) {
  if (!request.own()) return answer(request, StanzaError{ErrorType::auth, Condition::forbidden});
  const std::string& name = request.payload().name();
  const bool get = request.iq.attr("type") == "get";
  if (name == "prefs") return parts_.preferences(std::move(request));
  if (name == "metadata" && get) return metadata(std::move(request));
  if (name == "query" && get) return answer(request, with_payload(request.iq, xmpp::mam_form()));
  if (name == "query") return query(std::move(request));
  answer(request, StanzaError{Condition::service_unavailable});
}

template <class T, class ReadIt, class Say>
void Mam::look(IqRequest request, ReadIt read, Say say) {
  std::size_t& reading = reading_[request.shard][request.to.str()];
  if (reading >= reads_max) return answer(request, busy());
  ++reading;
  const auto kept = std::make_shared<IqRequest>(std::move(request));
  const auto done = [this, kept, say](Read<T> found) {
    auto& all = reading_[kept->shard];
    const auto at = all.find(kept->to.str());
    if (--at->second == 0) all.erase(at);
    if (found)
      say(*kept, std::move(*found));
    else
      answer(*kept, std::move(found.error()));
    kept->receipt = {};
  };
  net::Loop& loop = parts_.shards[kept->shard];
  const bool taken = parts_.workers.submit([&loop, kept, read, done] {
    loop.post([done, found = read(std::string(kept->to.local()))] { done(found); });
  });
  if (!taken) done(base::fail(unreadable()));
}

void Mam::query(IqRequest request) {
  auto parsed = xmpp::parse_mam_query(request.payload());
  if (!parsed) return answer(request, std::move(parsed.error()));
  if (parsed->ids.size() > ids_max)
    return answer(request, StanzaError{Condition::bad_request, "At most 100 ids at once."});
  look<Found>(
      std::move(request),
      [this, query = *parsed](const std::string& localpart) { return find(localpart, query); },
      [this, query = *parsed](const IqRequest& asked, Found found) {
        give(asked, query, std::move(found));
      });
}

void Mam::metadata(IqRequest request) {
  using Ends = std::optional<accounts::MessageArchive::Ends>;
  look<Ends>(
      std::move(request),
      [this](const std::string& localpart) -> Read<Ends> {
        auto ends = parts_.archive.ends(localpart);
        if (!ends) return base::fail(unreadable());
        return std::move(*ends);
      },
      [this](const IqRequest& asked, const Ends& ends) {
        xmpp::MamMetadata metadata;
        const auto end = [&](const accounts::ArchivedMessage& message) {
          return xmpp::MamMetadata::End{
              accounts::make_archive_id(parts_.id_key, asked.to.local(), message.number),
              message.at};
        };
        if (ends) metadata = {end(ends->first), end(ends->last)};
        answer(asked, with_payload(asked.iq, to_element(metadata)));
      });
}

// XEP-0313 §4.3.1: an id that is not in the archive is an error.
Mam::Read<std::int64_t> Mam::number_of(const std::string& localpart, const std::string& id) {
  const auto number = accounts::read_archive_id(parts_.id_key, localpart, id);
  if (!number) return base::fail(StanzaError{Condition::item_not_found});
  const auto found = parts_.archive.find(localpart, *number);
  if (!found) return base::fail(unreadable());
  if (!*found) return base::fail(StanzaError{Condition::item_not_found});
  return *number;
}

Mam::Read<accounts::ArchiveFilter> Mam::filter_of(const std::string& localpart,
                                                  const xmpp::MamQuery& query) {
  accounts::ArchiveFilter filter{.with = query.with, .start = query.start, .end = query.end};
  // The narrower of both where there are two ways to say it. Of a page, empty is the list's own end
  // (XEP-0059 2.2, 2.5).
  const auto bound = [&](const std::optional<std::string>& id, std::optional<std::int64_t>& at,
                         bool after, bool of_page) -> std::optional<StanzaError> {
    if (!id || (of_page && id->empty())) return std::nullopt;
    const auto number = number_of(localpart, *id);
    if (!number) return number.error();
    at = !at ? *number : after ? std::max(*at, *number) : std::min(*at, *number);
    return std::nullopt;
  };
  if (auto wrong = bound(query.after_id, filter.after, true, false)) return base::fail(*wrong);
  if (auto wrong = bound(query.before_id, filter.before, false, false)) return base::fail(*wrong);
  if (auto wrong = bound(query.page.after, filter.after, true, true)) return base::fail(*wrong);
  if (auto wrong = bound(query.page.before, filter.before, false, true)) return base::fail(*wrong);
  // §4.1.4: each must be there; whether it is, the store says.
  for (const std::string& id : query.ids) {
    const auto number = accounts::read_archive_id(parts_.id_key, localpart, id);
    if (!number) return base::fail(StanzaError{Condition::item_not_found});
    filter.only.push_back(*number);
  }
  return filter;
}

Mam::Read<Mam::Found> Mam::find(const std::string& localpart, const xmpp::MamQuery& query) {
  const auto filter = filter_of(localpart, query);
  if (!filter) return base::fail(filter.error());
  const std::size_t max = std::min(query.page.max.value_or(page_default), parts_.page_max());
  Found found;
  if (max == 0) {  // XEP-0059 2.7
    const auto count = parts_.archive.count(localpart, *filter);
    if (!count) return base::fail(unreadable());
    if (!*count) return base::fail(StanzaError{Condition::item_not_found});
    found.count = *count;
    found.complete = **count == 0;
    return found;
  }
  auto page = parts_.archive.page(localpart, *filter, query.page.backward(), max, page_bytes);
  if (!page) return base::fail(unreadable());
  if (page->missing) return base::fail(StanzaError{Condition::item_not_found});
  found.messages = std::move(page->messages);
  found.complete = !page->more;
  return found;
}

void Mam::give(const IqRequest& request, const xmpp::MamQuery& query, Found found) {
  if (!parts_.recorder.accepting()) return answer(request, unrecorded());
  record::Event event{.at = parts_.clock.wall()};
  event.actor.jid = request.from;
  if (const auto session = parts_.router.find(request.from)) event.actor.session = session->token();
  record::OwnArchiveViewed viewed{static_cast<std::int64_t>(found.messages.size())};
  if (!found.messages.empty()) {
    viewed.first = found.messages.front().at;
    viewed.last = found.messages.back().at;
  }
  event.body = viewed;
  const auto kept = std::make_shared<Found>(std::move(found));
  parts_.recorder.submit({std::move(event)}, [this, request, query, kept](record::Outcome outcome) {
    parts_.shards[request.shard].post([this, request, query, kept, outcome] {
      if (outcome == record::Outcome::durable) return send(request, query, *kept);
      answer(request, unrecorded());
    });
  });
}

void Mam::send(const IqRequest& request, const xmpp::MamQuery& query, const Found& found) {
  const auto id = [&](const accounts::ArchivedMessage& message) {
    return accounts::make_archive_id(parts_.id_key, request.to.local(), message.number);
  };
  xmpp::MamFin fin{.complete = found.complete};
  if (!found.messages.empty())
    fin.page = {.first = id(found.messages.front()), .last = id(found.messages.back())};
  fin.page.count = found.count;
  const auto session = parts_.router.find(request.from);
  if (session == nullptr) return;  // gone meanwhile
  const auto tell = [&](const accounts::ArchivedMessage& message) {
    const std::string archive_id = id(message);
    Element known("stanza-id", ns::stanza_id);
    known.set_attr("by", request.to.str()).set_attr("id", archive_id);
    const std::string more = xmpp::to_xml(known, ns::client);
    if (xmpp::forwardable(message.stanza))
      session->send(xmpp::mam_result(request.to, query.query_id,
                                     {archive_id, message.at, message.stanza, more}));
  };
  if (query.flipped)
    std::for_each(found.messages.rbegin(), found.messages.rend(), tell);
  else
    std::for_each(found.messages.begin(), found.messages.end(), tell);
  answer(request, with_payload(request.iq, to_element(fin)));
}

}  // namespace server
