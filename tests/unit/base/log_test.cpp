// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <functional>

using namespace base;

namespace {

constexpr std::size_t plenty = 4096;

std::string text(std::string_view event, std::initializer_list<Field> fields = {},
                 std::size_t size_max = plenty) {
  return log_line(LogFormat::text, event, fields, size_max);
}

std::string json(std::string_view event, std::initializer_list<Field> fields = {},
                 std::size_t size_max = plenty) {
  return log_line(LogFormat::json, event, fields, size_max);
}

// What `body` writes to stderr.
std::string captured(const std::function<void()>& body) {
  std::FILE* file = std::tmpfile();
  REQUIRE(file != nullptr);
  const int saved = ::dup(STDERR_FILENO);
  REQUIRE(saved >= 0);
  ::dup2(::fileno(file), STDERR_FILENO);
  body();
  ::dup2(saved, STDERR_FILENO);
  ::close(saved);
  std::rewind(file);
  std::string out;
  for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) out += static_cast<char>(c);
  std::fclose(file);
  return out;
}

}  // namespace

TEST_CASE("a line of text is the event and its fields") {
  CHECK(text("started") == "started");
  CHECK(text("session opened", {{"jid", "a@b/c"}, {"shard", "3"}}) ==
        "session opened jid=a@b/c shard=3");
  CHECK(text("x", {{"a", ""}, {"b", "two words"}, {"c", "k=v"}}) ==
        R"(x a="" b="two words" c="k=v")");
}

TEST_CASE("a line of JSON has the event and its fields as members") {
  CHECK(json("session opened", {{"jid", "a@b/c"}, {"n", "3"}}) ==
        R"("event":"session opened","jid":"a@b/c","n":"3")");
}

TEST_CASE("nothing a stranger sends can start a line or move the cursor") {
  const std::string nasty("a\nb\r\t\x1b[31m\x7f\0z", 13);
  CHECK(text("e", {{"v", nasty}}) == R"(e v="a\nb\r\t\u001b[31m\u007f\u0000z")");
  CHECK(json("e", {{"v", nasty}}) == R"("event":"e","v":"a\nb\r\t\u001b[31m\u007f\u0000z")");
  CHECK(text("e\nf") == R"(e\nf)");
  CHECK(text("e", {{"k\n", "v"}}) == R"(e k\n=v)");
}

TEST_CASE("quotes, backslashes and marks that reorder text are escaped") {
  CHECK(text("e", {{"v", R"(say "hi" \)"}}) == R"(e v="say \"hi\" \\")");
  CHECK(text("e", {{"v", "\u202eevil\u200b\u2028\u0085"}}) ==
        R"(e v="\u202eevil\u200b\u2028\u0085")");
  CHECK(text("e", {{"v", "žluť 🐎"}}) == "e v=\"žluť 🐎\"");
}

TEST_CASE("bytes that are not UTF-8 do not reach the log") {
  for (const char* bad : {"\xff", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                          "\xc3", "\xf0\x9f\x90"}) {
    const std::string line = json("e", {{"v", bad}});
    CHECK(line.find("\\ufffd") != std::string::npos);
    for (const char c : line) CHECK(static_cast<unsigned char>(c) < 0x80);
  }
}

TEST_CASE("a line is cut at its limit, between characters, and says so") {
  const std::string whole = text("event", {{"v", std::string(20, 'x')}});
  REQUIRE(whole.size() == 28);
  CHECK(text("event", {{"v", std::string(20, 'x')}}, 31) == whole);
  for (std::size_t size_max = 0; size_max < 200; ++size_max) {
    for (const char* unit : {"x", "ž", "🐎", "\n", "\"", "\xff"}) {
      std::string value;
      for (int i = 0; i < 300; ++i) value += unit;
      const std::string t = text("event", {{"key", value}, {"b", "after"}}, size_max);
      const std::string j = json("event", {{"key", value}, {"b", "after"}}, size_max);
      REQUIRE(t.size() <= size_max);
      REQUIRE(j.size() <= size_max);
      REQUIRE(t.find("after") == std::string::npos);
      if (size_max > 40) REQUIRE(t.find("…") != std::string::npos);
      if (size_max > 40) REQUIRE(j.ends_with("…\""));
      if (size_max > 40)
        REQUIRE(std::count(j.begin(), j.end(), '"') % 2 ==
                (*unit == '"' ? std::count(j.begin(), j.end(), '\\') % 2 : 0));
    }
  }
}

TEST_CASE("what is written has a time, a level and an end, and stays under 1 KiB") {
  const std::string out = captured([] {
    const auto log = make_stderr_log(LogFormat::text, Level::info);
    log->debug("not seen");
    log->warn("seen", {{"n", "1"}});
    log->error("long", {{"v", std::string(5000, 'y')}});
  });
  REQUIRE(std::count(out.begin(), out.end(), '\n') == 2);
  const std::string first = out.substr(0, out.find('\n'));
  CHECK(first.substr(4, 1) == "-");
  CHECK(first.substr(10, 1) == "T");
  CHECK(first.substr(23) == "Z warn  seen n=1");
  const std::string second = out.substr(first.size() + 1);
  CHECK(second.size() <= 1024);
  CHECK(second.size() > 900);
  CHECK(out.find('\x1b') == std::string::npos);  // a file is no terminal
}

TEST_CASE("a line for machines is one JSON object") {
  const std::string out = captured([] {
    const auto log = make_stderr_log(LogFormat::json, Level::trace);
    log->warn("seen", {{"n", "\""}});
    log->write(Level::trace, "long", {{"v", std::string(5000, '\n')}});
  });
  const std::string first = out.substr(0, out.find('\n'));
  CHECK(first.substr(0, 10) == R"({"time":"2)");
  CHECK(first.ends_with(R"(","level":"warn","event":"seen","n":"\""})"));
  CHECK(out.ends_with("…\"}\n"));
  CHECK(out.size() - first.size() - 1 <= 1024);
}

TEST_CASE("the level can be changed while running") {
  const std::string out = captured([] {
    const auto log = make_stderr_log(LogFormat::text, Level::error);
    log->info("before");
    CHECK_FALSE(log->enabled(Level::info));
    log->set_level(Level::info);
    CHECK(log->enabled(Level::info));
    CHECK_FALSE(log->enabled(Level::debug));
    log->info("after");
  });
  CHECK(out.find("before") == std::string::npos);
  CHECK(out.find("info  after") != std::string::npos);
}

TEST_CASE("a stuck reader of the log holds nobody up and lost lines are counted") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const int saved = ::dup(STDERR_FILENO);
  ::dup2(ends[1], STDERR_FILENO);
  ::close(ends[1]);
  auto log = make_stderr_log(LogFormat::text, Level::info);
  const std::string filler(900, 'x');
  for (int i = 0; i < 10000; ++i)
    log->info("flood", {{"v", filler}});  // far more than a pipe holds

  std::string out;
  std::string chunk(65536, '\0');
  const auto read_some = [&] {
    const auto n = ::read(ends[0], chunk.data(), chunk.size());
    REQUIRE(n > 0);
    out.append(chunk, 0, static_cast<std::size_t>(n));
  };
  while (out.find("log lines lost") == std::string::npos) {
    read_some();
    log->info("next", {});
  }
  CHECK(out.find("warn  log lines lost lines=") != std::string::npos);
  // The log ends while the pipe still has its reader: a write under way must not meet SIGPIPE.
  ::dup2(saved, STDERR_FILENO);
  log.reset();
  ::close(ends[0]);
  ::close(saved);
}

TEST_CASE("levels have the names of the configuration") {
  CHECK(parse_level("trace") == Level::trace);
  CHECK(parse_level("debug") == Level::debug);
  CHECK(parse_level("info") == Level::info);
  CHECK(parse_level("warn") == Level::warn);
  CHECK(parse_level("error") == Level::error);
  CHECK_FALSE(parse_level("Info").has_value());
  CHECK_FALSE(parse_level("").has_value());
}

TEST_CASE("the null log is never enabled") {
  const auto log = make_null_log();
  CHECK_FALSE(log->enabled(Level::error));
  CHECK(captured([&] { log->error("nothing"); }).empty());
}
