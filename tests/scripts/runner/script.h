// SPDX-License-Identifier: Apache-2.0
// Transcripts in the syntax of Prosody's scansion:
//
//   # a comment
//   [Client] Romeo
//       jid: romeo@localhost/phone        optional, as is the block; passwords are "pass"
//   -----
//   Romeo connects
//   Romeo sends:
//       <presence to='${room}/Romeo'>…</presence>
//   Romeo receives:
//       <presence from='${room}/Romeo'/>
//   Romeo disconnects
//
// and beyond it: `Romeo receives nothing` · `Romeo receives exactly:` (nothing that is not named) ·
// `Romeo receives in any order:` (several stanzas) · `include: name` · `set: name = value` ·
// `after 5 minutes` (memory only) · `! command` (memory only) · `${Romeo}` the client's full JID,
// `${Romeo.bare}`, `${room}`, `${service}`, `${domain}`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace tests {

struct Client {
  std::string name;      // "Romeo"
  std::string local;     // localpart as written, "romeo"
  std::string resource;  // "" = the name in lower case
};

struct Step {
  enum class Kind {
    connect,
    disconnect,
    send,
    receive,
    receive_exactly,
    receive_any_order,
    receive_nothing,
    after,
    command,
    set,
  };
  Kind kind = Kind::command;
  std::string who;
  std::string text;        // XML; the command; the variable
  std::string value;       // set
  base::Micros delay = 0;  // after
  std::string where;       // file:line
};

struct Script {
  std::string name;   // file name without .scs: prefix of its accounts and its room
  std::string title;  // the first comment
  std::vector<Client> clients;
  std::vector<Step> steps;
  bool memory_only = false;
};

// Throws std::runtime_error with file and line.
Script parse_script(std::string_view name, std::string_view text, const std::string& folder);
Script read_script(const std::string& path);
// The .scs files of a folder in order, without those whose name starts with '_': they are only
// included.
std::vector<std::string> find_scripts(const std::string& folder);

}  // namespace tests
