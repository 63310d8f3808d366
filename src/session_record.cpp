// SPDX-License-Identifier: Apache-2.0
#include "src/session_record.h"

#include <string>
#include <utility>

#include "bridge/c2s/admission.h"

namespace server {

void SessionRecord::start(net::Loop& loop) {
  timer_ = std::make_unique<net::Timer>(loop);
  timer_->repeat(base::seconds(1), [this] {
    const std::lock_guard lock(mutex_);
    submit_refusals(refusals_.due(clock_.wall()));
  });
}

void SessionRecord::stop() {
  timer_.reset();
  const std::lock_guard lock(mutex_);
  submit_refusals(refusals_.all());
}

void SessionRecord::submit(const Session& session, record::SessionChanged changed) {
  record::Event event{.at = clock_.wall()};
  event.actor.jid = session.jid;
  event.actor.session = session.token;
  event.body = std::move(changed);
  recorder_.submit({std::move(event)}, [](record::Settlement) {});
}

void SessionRecord::opened(const Session& session, How how, std::string_view mechanism,
                           std::string_view address) {
  submit(session, {.opened = true,
                   .cause = how == How::bound ? "bound" : "resumed",
                   .mechanism = std::string(mechanism),
                   .ip = std::string(address)});
}

void SessionRecord::closed(const Session& session, std::string_view why) {
  submit(session, {.opened = false, .cause = std::string(why)});
}

void SessionRecord::refused(const xmpp::Jid& account, std::string_view mechanism,
                            std::string_view why, std::string_view address) {
  record::Event event{.at = clock_.wall()};
  event.actor.jid = account;
  event.body = record::AuthRefused{std::string(mechanism), std::string(why), std::string(address)};
  std::string key(address);
  key.append(1, ' ').append(account.str());
  const std::lock_guard lock(mutex_);
  submit_refusals(refusals_.add(std::move(key), std::move(event), clock_.wall(),
                                bridge::c2s::address_group(std::string(address))));
}

// With mutex_ held, so that they are in order.
void SessionRecord::submit_refusals(std::vector<record::Event> events) {
  if (events.empty()) return;
  if (!recorder_.accepting()) {
    if (lost_ == 0) log_.warn("failed logins cannot be recorded; they are only counted");
    lost_ += events.size();
    return;
  }
  if (lost_ > 0)
    log_.warn("failed logins were not recorded",
              {{"events", std::to_string(std::exchange(lost_, 0))}});
  recorder_.submit(std::move(events), [](record::Settlement) {});
}

}  // namespace server
