// SPDX-License-Identifier: Apache-2.0
// Answers as JSON for programs, and the lines of control.sock. json.cpp is the only user of
// nlohmann/json.
//
// One request a line:  {"command":"user add","arguments":{"jid":"a@b","password":"…","admin":true}}
// One reply a line:
// {"ok":true,"text":"…","fields":{…},"tables":{"users":{"columns":[…],"rows":[[…]]}}}
//                      {"ok":false,"kind":"refused","text":"…","details":[…]}
// A request with "progress":true may see lines {"progress":{"done":1,"total":9}} before its reply.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "admin/command.h"
#include "base/result.h"

namespace server {

// Indented, for --json: fields by name, each table as a list of objects.
std::string answer_json(const admin::Answer& answer);

struct Request {
  std::string command;
  admin::Arguments arguments;
  bool wants_progress = false;
};
struct Progress {
  std::size_t done = 0, total = 0;
};
using Reply = std::variant<Progress, admin::Answer, admin::Refusal>;

// Without the line end; never contains one. The errors are sentences.
std::string encode(const Request& request);
std::string encode(const Reply& reply);
base::Result<Request, std::string> decode_request(std::string_view line);
base::Result<Reply, std::string> decode_reply(std::string_view line);

}  // namespace server
