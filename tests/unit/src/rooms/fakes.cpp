// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/src/rooms/fakes.h"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <utility>

#include "tests/scripts/runner/xml.h"
#include "xmpp/ns.h"

namespace tests {

bool eventually(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const auto& text : texts) all += (all.empty() ? "" : " | ") + text;
  return all;
}

// ---- the store

void FakeStore::apply(const std::vector<record::Event>& events) {
  const std::lock_guard lock(mutex_);
  for (const auto& event : events)
    if (record::info(event.code()).cls != record::Class::account) rooms_.apply(event);
}

std::vector<record::Event> FakeStore::log() const {
  const std::lock_guard lock(mutex_);
  return rooms_.log();
}

void FakeStore::fail(std::optional<muc::StoreError> error) {
  const std::lock_guard lock(mutex_);
  error_ = error;
}

void FakeStore::hold_reads() {
  const std::lock_guard lock(mutex_);
  held_ = true;
}

void FakeStore::let_reads() {
  {
    const std::lock_guard lock(mutex_);
    held_ = false;
  }
  changed_.notify_all();
}

std::size_t FakeStore::reads() const {
  const std::lock_guard lock(mutex_);
  return reads_;
}

std::size_t FakeStore::loads() const {
  const std::lock_guard lock(mutex_);
  return loads_;
}

std::optional<muc::StoreError> FakeStore::enter(std::unique_lock<std::mutex>& lock) {
  ++reads_;
  changed_.wait(lock, [this] { return !held_; });
  return error_;
}

FakeStore::Read<std::optional<muc::StoredRoom>> FakeStore::load(const xmpp::Jid& room,
                                                                std::size_t max) {
  std::unique_lock lock(mutex_);
  const auto error = enter(lock);
  ++loads_;
  if (error) return base::fail(*error);
  return rooms_.load(room, max);
}

FakeStore::Read<std::vector<muc::HistoryItem>> FakeStore::history(
    const muc::HistoryRequest& request) {
  std::unique_lock lock(mutex_);
  if (const auto error = enter(lock)) return base::fail(*error);
  return rooms_.history(request);
}

FakeStore::Read<muc::ArchivePage> FakeStore::archive(const muc::ArchiveRequest& request) {
  std::unique_lock lock(mutex_);
  if (const auto error = enter(lock)) return base::fail(*error);
  return rooms_.archive(request);
}

FakeStore::Read<std::string> FakeStore::vcard(std::int64_t room_id) {
  std::unique_lock lock(mutex_);
  if (const auto error = enter(lock)) return base::fail(*error);
  return rooms_.vcard(room_id);
}

FakeStore::Read<std::vector<muc::RoomListing>> FakeStore::list_public(const std::string& service,
                                                                      const std::string& after,
                                                                      std::size_t max) {
  std::unique_lock lock(mutex_);
  if (const auto error = enter(lock)) return base::fail(*error);
  return rooms_.list_public(service, after, max);
}

FakeStore::Read<std::vector<muc::RoomListing>> FakeStore::list_public_before(
    const std::string& service, const std::string& before, std::size_t max) {
  std::unique_lock lock(mutex_);
  if (const auto error = enter(lock)) return base::fail(*error);
  return rooms_.list_public_before(service, before, max);
}

FakeStore::Read<std::size_t> FakeStore::count_public(const std::string& service,
                                                     const std::string& before) {
  const std::lock_guard lock(mutex_);
  return rooms_.count_public(service, before);
}

FakeStore::Read<std::vector<xmpp::Jid>> FakeStore::with_open_occupancies(std::size_t max) {
  const std::lock_guard lock(mutex_);
  return rooms_.with_open_occupancies(max);
}

FakeStore::Read<std::vector<xmpp::Jid>> FakeStore::temporary_rooms(const std::string& after,
                                                                   std::size_t at_most) {
  const std::lock_guard lock(mutex_);
  return rooms_.temporary_rooms(after, at_most);
}

FakeStore::Read<std::vector<xmpp::Jid>> FakeStore::owned_rooms(const xmpp::Jid& account,
                                                               std::size_t at_most) {
  const std::lock_guard lock(mutex_);
  return rooms_.owned_rooms(account, at_most);
}

// ---- the recorder

void FakeRecorder::submit(std::vector<record::Event> events,
                          std::function<void(record::Settlement)> done) {
  {
    const std::lock_guard lock(mutex_);
    if (!at_once_) return waiting_.push_back({std::move(events), std::move(done)});
    store_.apply(events);
  }
  done(record::Outcome::durable);
}

bool FakeRecorder::accepting() const {
  const std::lock_guard lock(mutex_);
  return accepting_;
}

void FakeRecorder::accept(bool accepting) {
  const std::lock_guard lock(mutex_);
  accepting_ = accepting;
}

void FakeRecorder::settle_at_once(bool at_once) {
  while (waiting() > 0) settle();
  const std::lock_guard lock(mutex_);
  at_once_ = at_once;
}

std::size_t FakeRecorder::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

std::vector<record::Event> FakeRecorder::front() const {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) throw std::runtime_error("nothing is submitted");
  return waiting_.front().events;
}

void FakeRecorder::settle(record::Settlement outcome) {
  std::unique_lock lock(mutex_);
  if (waiting_.empty()) throw std::runtime_error("nothing is submitted");
  const Submission submission = std::move(waiting_.front());
  waiting_.pop_front();
  lock.unlock();
  if (outcome == record::Outcome::durable) store_.apply(submission.events);
  submission.done(outcome);
}

// ---- the output

namespace {

std::string short_name(const xmpp::Jid& jid) {
  return std::string(jid.has_local() ? jid.local() : jid.domain());
}

std::string describe_all(const std::vector<base::Payload>& payloads) {
  std::vector<std::string> texts;
  for (const auto& payload : payloads) texts.push_back(describe(payload));
  std::string all;
  for (const auto& text : texts) all += (all.empty() ? "" : ", ") + text;
  return all;
}

}  // namespace

std::string describe(const base::Payload& payload) {
  const xmpp::Element stanza = received(payload, "somebody@localhost/x");
  std::string text = stanza.name();
  if (const auto type = stanza.attr("type"); !type.empty() && type != "groupchat")
    text += "(" + std::string(type) + ")";
  // The id that a room gives to a message without one says nothing here.
  const auto* own = stanza.child("stanza-id", xmpp::ns::stanza_id);
  const auto id = stanza.attr("id");
  if (!id.empty() && (own == nullptr || own->attr("id") != id)) text += "#" + std::string(id);
  if (const auto* body = stanza.child("body", xmpp::ns::client)) text += ":" + body->text();
  if (stanza.child("subject", xmpp::ns::client) != nullptr) text += ":subject";
  if (const auto* x = stanza.child("x", xmpp::ns::muc_user))
    x->for_each_child([&](const xmpp::Element& child) {
      if (child.name() == "status") text += " " + std::string(child.attr("code"));
    });
  if (const auto* error = stanza.child("error", xmpp::ns::client))
    error->for_each_child([&](const xmpp::Element& child) {
      if (child.name() == "text") return;
      text += " " + std::string(error->attr("type")) + " " + child.name();
    });
  return text;
}

void FakeOutput::add(std::string text) {
  const std::lock_guard lock(mutex_);
  said_.push_back(std::move(text));
}

void FakeOutput::send(const xmpp::Jid& to, std::vector<base::Payload> stanzas) {
  add("to " + short_name(to) + ": " + describe_all(stanzas));
}
void FakeOutput::route(xmpp::Element message) {
  add("route to " + std::string(message.attr("to")));
}
void FakeOutput::seat(const xmpp::Jid& room, muc::Seat seat) {
  add("seat " + short_name(room) + " " + short_name(seat.jid));
}
void FakeOutput::unseat(const xmpp::Jid& room, const xmpp::Jid& jid) {
  add("unseat " + short_name(room) + " " + short_name(jid));
}
void FakeOutput::broadcast(const xmpp::Jid& room, muc::Broadcast broadcast) {
  add("all " + short_name(room) + ": " + describe(broadcast.with_jids));
}
void FakeOutput::forget(const xmpp::Jid& room) { add("forget " + short_name(room)); }
void FakeOutput::hold(const xmpp::Jid& room, const xmpp::Jid& jid, std::uint64_t number) {
  add("hold " + short_name(room) + " " + short_name(jid) + " " + std::to_string(number));
}
void FakeOutput::release(const xmpp::Jid& room, const xmpp::Jid& jid, std::uint64_t number,
                         std::vector<base::Payload> first) {
  add("release " + short_name(room) + " " + short_name(jid) + " " + std::to_string(number) + ": " +
      describe_all(first));
}

std::vector<std::string> FakeOutput::said() const {
  const std::lock_guard lock(mutex_);
  return said_;
}

std::vector<std::string> FakeOutput::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(said_, {});
}

std::size_t FakeOutput::count(const std::string& text) const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(std::count_if(said_.begin(), said_.end(), [&](const auto& one) {
    return one.find(text) != std::string::npos;
  }));
}

bool FakeOutput::has(const std::string& text) const { return count(text) > 0; }

// ---- the log

void FakeLog::write(base::Level, std::string_view event,
                    std::initializer_list<base::Field> fields) {
  const std::lock_guard lock(mutex_);
  lines_.push_back(base::log_line(base::LogFormat::text, event, fields, 1024));
}

std::size_t FakeLog::count(const std::string& text) const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(
      std::count_if(lines_.begin(), lines_.end(),
                    [&](const auto& line) { return line.find(text) != std::string::npos; }));
}

}  // namespace tests
