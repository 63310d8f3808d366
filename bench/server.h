// SPDX-License-Identifier: Apache-2.0
// PrivateServer: a hansard of one's own on loopback, in a temporary directory, with the generator's
// accounts; started afresh for each scenario so that memory figures do not mix. Throws Failed with
// the end of the server's log.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <vector>

#include "bench/load/client.h"

namespace bench {

class PrivateServer {
 public:
  struct Options {
    std::string program;         // path of hansard
    std::string place = "/tmp";  // where the directory is made: its disk is what fsync waits for
    std::string database = {};   // URL of its content; "": a file
    bool archive = true;
    std::size_t accounts = 0;
    unsigned shards = 0;                                   // 0 = one for each core
    bool keep = false;                                     // leave the directory behind
    Clock::time_point give_up = Clock::time_point::max();  // whatever waits then ends with Failed
  };

  // Writes the configuration and imports the accounts; nothing runs yet.
  explicit PrivateServer(const Options& options);
  ~PrivateServer();
  PrivateServer(const PrivateServer&) = delete;
  PrivateServer& operator=(const PrivateServer&) = delete;

  void start();           // returns when it accepts clients
  void stop();            // SIGTERM, and waits until it has drained
  Target target() const;  // valid until stop()
  // Imports so many accounts into a data directory of its own, removes it, says what it took.
  Spent time_import(std::size_t accounts) const;
  // `hansard status --json` as it stands, "" if that fails.
  std::string status() const;
  std::string log_end() const;  // of the server's log

 private:
  // Made by the constructor, removed with all that is in it unless it shall be kept.
  class Directory {
   public:
    Directory(const std::string& place, bool keep);
    ~Directory();
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;
    const std::string& path() const { return path_; }

   private:
    std::string path_;
    bool keep_;
  };
  void write_configuration(const Options& options);
  // Into the data directory, within `limit`.
  Spent import(std::size_t accounts, const std::string& data_dir, Clock::duration limit) const;
  std::string path(const std::string& name) const { return directory_.path() + "/" + name; }

  std::string program_;
  Directory directory_;
  Endpoint plain_, tls_, http_;
  std::size_t accounts_;
  Clock::time_point give_up_;
  pid_t pid_ = -1;
};

}  // namespace bench
