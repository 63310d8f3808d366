// SPDX-License-Identifier: Apache-2.0
// A client for tests with many threads: plain TCP, SASL PLAIN, everything sent ahead in cuts as a
// network may make them. It checks nothing itself, for Catch2 belongs to one thread.
#pragma once

#include <random>
#include <string>
#include <string_view>

namespace tests {

class QuickClient {
 public:
  // `seed` decides the cuts.
  QuickClient(int port, unsigned seed);
  ~QuickClient();
  QuickClient(const QuickClient&) = delete;
  QuickClient& operator=(const QuickClient&) = delete;

  void send(std::string_view bytes);  // in one to five pieces
  // Whether `text` comes within ten seconds.
  bool expect(std::string_view text);
  const std::string& seen() const { return seen_; }

  static std::string header();
  static std::string login(const std::string& user);  // the password is "pencil"
  static std::string bind();
  static std::string ping(const std::string& id);

 private:
  int fd_;
  std::minstd_rand random_;
  std::string seen_;
  std::size_t expected_to_ = 0;
};

}  // namespace tests
