// SPDX-License-Identifier: Apache-2.0
// The file of passwords: a line each, the JID, one space or tab, the password, which may itself
// hold spaces. Empty lines and lines that begin with # are passed over. The room's own JID may
// stand there too, with the password that opens the room.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "xmpp/jid.h"

namespace probe {

class Passwords {
 public:
  // The error is a sentence with the number of the line; it never shows a password.
  static base::Result<Passwords, std::string> parse(std::string_view text);

  // By bare JID; nullptr if there is no line for it.
  const std::string* find(const xmpp::Jid& jid) const;

 private:
  std::map<xmpp::Jid, std::string> by_jid_;
};

// Reads and parses it; "-" is standard input. `readable_by_others` is set if the file's mode lets
// group or others read it.
base::Result<Passwords, std::string> read_passwords(const std::string& path,
                                                    bool& readable_by_others);

}  // namespace probe
