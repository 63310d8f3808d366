// SPDX-License-Identifier: Apache-2.0
// SessionRecord: puts logins and the ends of sessions on record. Nobody waits for that: a login
// goes on at once, and what is recorded is in order all the same, for the recorder keeps it. Ends
// are never left out. Failed logins are aggregated by rate, for each address and account, and for
// each address (IPv6: its /64) where there are many names.
#pragma once

#include <mutex>

#include "base/log.h"
#include "base/time.h"
#include "bridge/session_journal.h"
#include "net/loop/loop.h"
#include "record/by_rate.h"
#include "record/recorder.h"

namespace server {

class SessionRecord final : public bridge::SessionJournal {
 public:
  // All must outlive it.
  SessionRecord(record::Recorder& recorder, const base::Clock& clock, base::Log& log)
      : recorder_(recorder), clock_(clock), log_(log) {}

  // On the loop's thread: from now on what is counted is recorded when its minute is over.
  void start(net::Loop& loop);
  void stop();  // on that loop's thread: what is counted is recorded now

  void opened(const Session& session, How how, std::string_view mechanism,
              std::string_view address) override;
  void closed(const Session& session, std::string_view why) override;
  void refused(const xmpp::Jid& account, std::string_view mechanism, std::string_view why,
               std::string_view address) override;

 private:
  void submit(const Session& session, record::SessionChanged changed);
  void submit_refusals(std::vector<record::Event> events);

  record::Recorder& recorder_;
  const base::Clock& clock_;
  base::Log& log_;
  std::unique_ptr<net::Timer> timer_;
  std::mutex mutex_;  // of what follows
  record::ByRate refusals_;
  std::size_t lost_ = 0;  // refusals that could not be recorded, since they could for last
};

}  // namespace server
