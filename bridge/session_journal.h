// SPDX-License-Identifier: Apache-2.0
// SessionJournal: is told who logs in, who fails to, and how sessions end, as it happens. Nothing
// waits for it. src/ puts it on record.
#pragma once

#include <string>
#include <string_view>

#include "xmpp/jid.h"

namespace bridge {

class SessionJournal {
 public:
  struct Session {
    const xmpp::Jid& jid;      // full
    const std::string& token;  // of the session, through all resumptions
  };
  enum class How { bound, resumed };  // RFC 6120 §7, XEP-0198 §5

  virtual ~SessionJournal() = default;
  // Any shard's thread; of one session in order.
  virtual void opened(const Session& session, How how, std::string_view mechanism,
                      std::string_view address) = 0;
  virtual void closed(const Session& session, std::string_view why) = 0;
  // `account`: bare, as it was tried; empty if it did not come to that.
  virtual void refused(const xmpp::Jid& account, std::string_view mechanism, std::string_view why,
                       std::string_view address) = 0;
};

}  // namespace bridge
