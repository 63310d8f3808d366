// SPDX-License-Identifier: Apache-2.0
// What an operator sets about client streams: names, bounds and defaults are those of hansard.toml.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"

namespace bridge::c2s {

inline constexpr std::size_t unlimited = SIZE_MAX;

// [limits]; all may change while the server runs.
struct Limits {
  base::Micros preauth_time = base::seconds(30);  // from accept to authenticated      LIM-AUTH-TIME
  std::size_t preauth_stanza_bytes = 10000;       //                                   LIM-PRE-STZ
  std::size_t preauth_elements = 32;              //                                   LIM-PRE-EL
  std::size_t preauth_connections = 2000;         // all shards together               LIM-PREAUTH
  std::size_t preauth_per_address = 20;           // IPv6: per /64                     LIM-CONN-IP
  std::size_t sasl_tries = 3;                     // failures on one stream            LIM-AUTH-TRY
  std::size_t stanza_bytes = 262144;              //                                   LIM-STZ-C2S
  std::size_t stanza_elements = 5000;             //                                   LIM-EL
  std::size_t stanza_depth = 64;                  //                                   LIM-DEPTH
  std::size_t token_bytes = 16384;                //                                   LIM-TOKEN
  std::size_t attributes = 64;                    //                                   LIM-ATTR
  std::size_t bytes_per_second = 65536;           // burst of 4 s                      LIM-RATE
  std::size_t stanzas_per_second = 50;            // burst of 4 s; joins apart         LIM-STZ-RATE
  std::size_t resources_per_account = 10;         //                                   LIM-RES
  std::size_t send_queue_bytes = 1048576;         //                                   LIM-OUTQ
  std::size_t resume_stanzas = 500;               // see session/outbound.h            LIM-SMQ
};

struct Config {
  std::string domain = "localhost";
  bool require_tls = true;
  bool allow_plain_without_tls = false;
  bool registration = false;  // XEP-0077, if the server has a registrar
  std::vector<std::string> mechanisms = {"SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"};
  // Accounts that do not exist must look like those that do (BI-SASL-07): the iteration count and
  // salt length that accounts get, and the key that makes their salts stable.
  int scram_iterations = 4096;
  std::size_t salt_bytes = 16;
  std::string fake_salt_key;

  // Failed logins from one address beyond `free_failures` (one is forgotten each second) are
  // answered later and later: BI-SASL-12.
  std::size_t free_failures = 20;
  base::Micros failure_delay = base::milliseconds(50);  // more with each further one
  base::Micros failure_delay_max = base::seconds(5);

  // Stream management (XEP-0198).
  base::Micros resume_time = base::minutes(5);    // a session outlives its connection so long
  std::size_t resume_bytes = 1048576;             // beside Limits::resume_stanzas      LIM-SMQ
  base::Micros ack_patience = base::seconds(30);  // an acknowledgement may take so long
  base::Micros settle_time = base::seconds(10);   // a resumption waits so long for our own record
  std::size_t resume_burst = 100;  // resumptions of a session, then one a second: BI-BIND-12

  std::size_t stanzas_per_turn = 32;             // then other connections get theirs: BI-RAW-38
  base::Micros sweep_period = base::seconds(5);  // quiet parsers give their memory back
  Limits limits;
};

}  // namespace bridge::c2s
