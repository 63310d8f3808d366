// SPDX-License-Identifier: Apache-2.0
#include "probe/transaction.h"

#include <algorithm>
#include <set>

#include "base/random.h"
#include "probe/client.h"
#include "probe/network.h"
#include "probe/refusal.h"
#include "probe/stanzas.h"
#include "probe/stream_log.h"

namespace probe {
namespace {

using Done = base::Result<base::Time, std::string>;  // when it was done, or why it cannot be

base::Time now() { return base::SystemClock().monotonic(); }

// libstrophe's own start and end belong around all use of it.
struct Library {
  Library() { xmpp_initialize(); }
  ~Library() { xmpp_shutdown(); }
};

void on_log(void* userdata, xmpp_log_level_t, const char*, const char* line) {
  static_cast<StreamLog*>(userdata)->read(line);
}

class Transaction {
 public:
  Transaction(const Options& options, const std::function<void(const Note&)>& tell)
      : options_(options), tell_(tell), end_(now() + options.timeout) {
    const auto nick = "probe-" + base::random_token(random_, 6);
    first_.occupant = *options.room.with_resource(nick + "-1");
    second_.occupant = *options.room.with_resource(nick + "-2");
    first_.body = "probe " + base::random_token(random_, 9) + " from " + options.first.jid.str();
    second_.body = "probe " + base::random_token(random_, 9) + " from " + options.second.jid.str();
    first_.client.watch = [this](const xmpp::Element& stanza) { count_others(stanza); };
  }

  void run() {
    bool good = true;
    for (std::size_t i = 0; good && i < std::size(steps); ++i) good = step(i, steps[i]);
    if (!good) tidy();
  }

 private:
  struct Side {
    Client client;
    xmpp::Jid occupant;
    std::string body;
    base::Time said = {};
    bool inside = false;
  };
  using Action = Done (Transaction::*)();
  static const Action steps[13];  // as all_steps() names them

  bool step(std::size_t index, Action action) {
    const auto start = now();
    deadline_ = std::min(end_, start + options_.step_timeout);
    began_ = start;
    tell_({.kind = Note::Kind::begun, .index = index});
    const auto done = (this->*action)();
    if (done)
      tell_({.kind = Note::Kind::ok,
             .index = index,
             .took = std::max<base::Micros>(0, *done - began_)});
    else
      tell_({.kind = Note::Kind::failed,
             .index = index,
             .took = now() - began_,
             .text = done.error()});
    return static_cast<bool>(done);
  }

  template <class F>
  bool wait(F&& done) {
    while (!done()) {
      const auto left = deadline_ - now();
      if (left <= 0) return false;
      xmpp_run_once(context_.get(), static_cast<unsigned long>(std::clamp<base::Micros>(
                                        left / base::milliseconds(1), 1, 50)));
    }
    return true;
  }

  // The next stanza of the kind that is waited for; else why there is none.
  base::Result<Received, std::string> expect(
      Side& side, const std::string& silence,
      const std::function<bool(const xmpp::Element&)>& fits) {
    std::optional<Received> found;
    const bool in_time = wait([&] {
      found = side.client.take(fits);
      return found || side.client.state() == Client::State::ended;
    });
    if (found) return std::move(*found);
    if (in_time) return base::fail(side.client.why_ended());
    return base::fail(silence + within());
  }

  std::string within() const {
    return " within " +
           std::to_string((deadline_ - began_ + base::milliseconds(500)) / base::seconds(1)) +
           " s; look whether the server is well, or give it more with --step-timeout and --timeout";
  }

  std::string next_id() { return "probe-" + base::random_token(random_, 6); }

  Done connect() {
    auto address = reach(options_.host, options_.port, deadline_);
    if (!address) return base::fail(std::move(address.error()));
    address_ = *address;
    return now();
  }

  Done login(Side& side) {
    log_.clear();
    side.client.connect(address_);
    // After a refused password libstrophe would try it again with a weaker mechanism.
    const auto over = [&] {
      return side.client.state() == Client::State::online ||
             side.client.state() == Client::State::ended ||
             log_.sasl_condition() == "not-authorized";
    };
    if (!wait(over))
      return base::fail("the server takes the connection but does not let " +
                        side.client.jid().str() + " in or out" + within());
    if (side.client.state() != Client::State::online) return base::fail(side.client.why_ended());
    const auto at = now();
    side.client.send(hello());
    return at;
  }
  Done login_1() { return login(first_); }
  Done login_2() { return login(second_); }

  Done service() {
    const std::string address(options_.room.domain());
    const auto id = next_id();
    first_.client.send(ask_service(address, id));
    auto answer = expect(first_, address + " does not say what it is",
                         [&](const xmpp::Element& e) { return is_answer(e, id); });
    if (!answer) return base::fail(std::move(answer.error()));
    if (is_error(answer->stanza))
      return base::fail(service_refusal(refusal_of(answer->stanza), address));
    if (!is_room_service(answer->stanza))
      return base::fail(address + " is no service for rooms (XEP-0045); correct --room");
    return answer->at;
  }

  Done join(Side& side) {
    side.client.send(enter(side.occupant, options_.room_password, next_id()));
    auto answer = expect(
        side, options_.room.str() + " does not let in or refuse",
        [&](const xmpp::Element& e) { return is_own_presence(e, options_.room, side.occupant); });
    if (!answer) return base::fail(std::move(answer.error()));
    if (is_error(answer->stanza))
      return base::fail(join_refusal(refusal_of(answer->stanza), options_.room, side.client.jid()));
    side.inside = true;
    side.occupant = sender(answer->stanza);  // the service may have chosen the nickname (210)
    if (!has_status(answer->stanza, "201")) return answer->at;
    made_ = true;
    tell_({.kind = Note::Kind::made, .index = std::size(steps)});
    return open_room(side);
  }
  Done join_1() { return join(first_); }
  Done join_2() { return join(second_); }

  Done open_room(Side& side) {
    const auto id = next_id();
    side.client.send(accept_instant_room(options_.room, id));
    auto answer = expect(side, options_.room.str() + " was made but does not open",
                         [&](const xmpp::Element& e) { return is_answer(e, id); });
    if (!answer) return base::fail(std::move(answer.error()));
    if (is_error(answer->stanza))
      return base::fail(other_refusal(options_.room.str() + " was made but does not open",
                                      refusal_of(answer->stanza)) +
                        "; make the room beforehand");
    return answer->at;
  }

  Done hear(Side& hearer, const Side& speaker, const std::string& silence) {
    const auto id = speaker_id_;
    auto heard = expect(hearer, silence, [&](const xmpp::Element& e) {
      return is_message(e, speaker.occupant, speaker.body) ||
             (e.name() == "message" && is_error(e) && e.attr("id") == id);
    });
    began_ = speaker.said;  // the figure is from sending it
    if (!heard) return base::fail(std::move(heard.error()));
    if (is_error(heard->stanza))
      return base::fail(message_refusal(refusal_of(heard->stanza), speaker.client.jid()));
    return heard->at;
  }

  Done reflect(Side& side) {
    speaker_id_ = next_id();
    side.said = now();
    side.client.send(say(options_.room, side.body, speaker_id_));
    return hear(side, side,
                "the room does not give " + side.client.jid().str() + " its own message back");
  }
  Done deliver(Side& from, Side& to) {
    return hear(
        to, from,
        "the message of " + from.client.jid().str() + " does not come to " + to.client.jid().str());
  }
  Done reflection_1() { return reflect(first_); }
  Done delivery_1() { return deliver(first_, second_); }
  Done reflection_2() { return reflect(second_); }
  Done delivery_2() { return deliver(second_, first_); }

  Done leave_room(Side& side) {
    side.client.send(leave(side.occupant));
    auto gone =
        expect(side, "the room does not confirm that " + side.client.jid().str() + " has left",
               [&](const xmpp::Element& e) {
                 return is_own_presence(e, options_.room, side.occupant) &&
                        e.attr("type") == "unavailable";
               });
    if (!gone) return base::fail(std::move(gone.error()));
    side.inside = false;
    return gone->at;
  }
  Done leave_2() { return leave_room(second_); }

  // A room that was not there before goes with whoever made it, unless somebody has moved in.
  Done leave_1() {
    if (made_ && remove_room()) {
      first_.inside = false;
      return now();
    }
    return leave_room(first_);
  }

  bool remove_room() {
    if (!others_.empty()) {
      still_there("others have entered it");
      return false;
    }
    const auto id = next_id();
    first_.client.send(destroy(options_.room, id));
    const auto answer =
        expect(first_, "no answer", [&](const xmpp::Element& e) { return is_answer(e, id); });
    if (answer && !is_error(answer->stanza)) {
      made_ = false;
      return true;
    }
    still_there(answer ? "the service does not destroy it: " + refusal_of(answer->stanza).condition
                       : answer.error());
    return false;
  }

  void still_there(const std::string& why) {
    made_ = false;
    tell_({.kind = Note::Kind::left,
           .index = std::size(steps),
           .text = options_.room.str() + " was made by this probe and may be there still (" + why +
                   "); remove it if it is not wanted"});
  }

  Done logout() {
    for (auto* side : {&first_, &second_}) side->client.end();
    if (!wait([&] { return all_ended(); }))
      return base::fail("the server does not end the streams" + within());
    return now();
  }

  bool all_ended() const {
    return first_.client.state() != Client::State::online &&
           second_.client.state() != Client::State::online;
  }

  // After a failure: as little as possible stays behind.
  void tidy() {
    began_ = now();
    deadline_ = began_ + base::milliseconds(1500);
    const auto online = [](const Side& side) {
      return side.client.state() == Client::State::online;
    };
    if (made_ && online(first_)) remove_room();
    if (made_) still_there("the connection is gone");
    for (auto* side : {&first_, &second_})
      if (side->inside && online(*side)) side->client.send(leave(side->occupant));
    for (auto* side : {&first_, &second_}) side->client.end();
    wait([&] { return all_ended(); });
  }

  void count_others(const xmpp::Element& stanza) {
    const auto from = sender(stanza);
    if (stanza.name() != "presence" || from.empty() || from.bare() != options_.room ||
        from == first_.occupant || from == second_.occupant)
      return;
    if (stanza.attr("type").empty() && !has_status(stanza, "110"))
      others_.insert(from);
    else
      others_.erase(from);
  }

  const Options& options_;
  const std::function<void(const Note&)>& tell_;
  const base::Time end_;
  base::Time deadline_, began_;
  base::SystemRandom random_;
  Library library_;
  StreamLog log_;
  xmpp_log_t log_door_{on_log, &log_};
  Context context_{xmpp_ctx_new(nullptr, &log_door_)};
  Side first_{.client{context_.get(), options_.first, options_, log_}};
  Side second_{.client{context_.get(), options_.second, options_, log_}};
  std::string address_, speaker_id_;
  bool made_ = false;           // and it is still ours to remove
  std::set<xmpp::Jid> others_;  // occupants that are not ours
};

const Transaction::Action Transaction::steps[13] = {
    &Transaction::connect,      &Transaction::login_1,    &Transaction::login_2,
    &Transaction::service,      &Transaction::join_1,     &Transaction::join_2,
    &Transaction::reflection_1, &Transaction::delivery_1, &Transaction::reflection_2,
    &Transaction::delivery_2,   &Transaction::leave_2,    &Transaction::leave_1,
    &Transaction::logout};

}  // namespace

void perform(const Options& options, const std::function<void(const Note&)>& tell) {
  Transaction(options, tell).run();
}

}  // namespace probe
