// SPDX-License-Identifier: Apache-2.0
// Config: everything hansard.toml can say, with the defaults a new user meets. What each key means,
// its bounds and its place in the file stand in src/config/options.cpp; rules between keys in
// src/config/config_rules.cpp. A Config that read_config returned is valid.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "xmpp/jid.h"

namespace server {

// A limit set to the word "unlimited". Larger than anything, so comparisons need no special case;
// sums and products do.
constexpr std::size_t unlimited = SIZE_MAX;

struct Config {
  struct Listen {
    std::vector<std::string> c2s = {"127.0.0.1:5222"};
    std::vector<std::string> c2s_tls = {"127.0.0.1:5223"};
    std::vector<std::string> s2s = {"127.0.0.1:5269"};
    std::vector<std::string> http = {"127.0.0.1:5280"};
    std::vector<std::string> http_hosts;
  };
  struct Tls {
    std::string certificate = "tls/fullchain.pem";  // relative paths are under data_dir
    std::string key = "tls/key.pem";
    std::string ca_file;  // "": the system's
  };
  struct C2s {
    bool require_tls = true;
    bool allow_plain_without_tls = false;
    bool registration = false;
    std::vector<std::string> mechanisms = {"SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"};
  };
  struct Auth {
    std::size_t scram_iterations = 4096;
  };
  struct Database {
    std::string content = "sqlite:content.db";
    std::string archive = "sqlite:archive.db";
  };
  struct Archive {
    bool enabled = true;
    std::string on_outage = "buffer";
    std::size_t outbox_limit = 10'000'000;
    std::string direct_messages = "recorded";
    std::string checkpoints = "checkpoints.log";
  };
  struct History {
    std::size_t keep_days = unlimited;
    std::size_t keep_messages = unlimited;  // in each room, of each person
  };
  struct Limits {
    std::size_t preauth_seconds = 30;
    std::size_t preauth_stanza_bytes = 10'000;
    std::size_t preauth_elements = 32;
    std::size_t preauth_connections = 2'000;
    std::size_t preauth_per_address = 20;
    std::size_t sasl_tries = 3;
    std::size_t stanza_bytes = 262'144;
    std::size_t s2s_stanza_bytes = 524'288;
    std::size_t stanza_elements = 5'000;
    std::size_t stanza_depth = 64;
    std::size_t token_bytes = 16'384;
    std::size_t attributes = 64;
    std::size_t bytes_per_second = 65'536;
    std::size_t stanzas_per_second = 50;
    std::size_t resources_per_account = 10;
    std::size_t send_queue_bytes = 1'048'576;
    std::size_t resume_stanzas = 500;
    std::size_t nick_bytes = 255;
    std::size_t room_occupants = 20'000;
    std::size_t room_affiliations = 50'000;
    std::size_t rooms_per_owner = 100;
    std::size_t archive_page = 100;
    std::size_t s2s_queue_stanzas = 1'000;
    std::size_t dialback_pairs = 50;
    std::size_t history_on_join = 30;
    std::size_t large_room_occupants = unlimited;
  };
  struct S2s {
    bool enabled = true;
    bool require_tls = true;
    bool dialback = true;
    std::string dns;                            // "host:port" of a resolver; "": the system's
    std::map<std::string, std::string> routes;  // domain → "host:port"
  };
  // URIs of whom to turn to about this server (XEP-0157).
  struct Contact {
    std::vector<std::string> abuse, admin, feedback, sales, security, status, support;
  };
  struct Component {
    std::string service, host, secret_file;
  };

  std::string domain = "localhost";  // prepared
  std::string data_dir = "./hansard-data";
  std::size_t shards = 0;                                 // 0: one for each core
  std::vector<std::string> admins = {"admin@localhost"};  // bare JIDs, prepared
  std::string log_level = "info";
  Listen listen;
  Tls tls;
  C2s c2s;
  Auth auth;
  Database database;
  Archive archive;
  History history;
  Limits limits;
  S2s s2s;
  Contact contact;
  std::vector<Component> components;

  // Where it was read from, to read it again: as given to read_config.
  std::string file, data_dir_given;
  std::vector<std::string> warnings;  // what was accepted but is worth a line in the log

  // `path` as it stands if absolute, else under data_dir.
  std::string in_data_dir(const std::string& path) const;
  std::string control_socket() const { return in_data_dir("control.sock"); }
};

// Config::admins as addresses.
std::vector<xmpp::Jid> admin_jids(const Config& config);

// What the configuration asks for and this version does not serve yet: one sentence, "" if nothing.
std::string not_served_yet(const Config& config);

// Each problem is one line, "hansard.toml:12:3: …", that says what would be right.
using ConfigProblems = std::vector<std::string>;

// `file` empty: the defaults. `data_dir` not empty: takes the place of the file's.
base::Result<Config, ConfigProblems> read_config(const std::string& file,
                                                 const std::string& data_dir);
// The same for text in memory; `name` stands in front of the problems.
base::Result<Config, ConfigProblems> parse_config(std::string_view text, const std::string& name);

// Where the server's data would be by a file that may be wrong otherwise; nullopt if that cannot be
// told.
std::optional<std::string> read_data_dir(const std::string& file, const std::string& data_dir);

}  // namespace server
