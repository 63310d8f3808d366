// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ansicolor_sink.h>

#include <array>
#include <atomic>
#include <string>

namespace base {
namespace {

constexpr std::size_t line_max = 1024;       // with the end of line
constexpr std::size_t around_line_max = 72;  // time, level, JSON's braces, end of line
constexpr std::size_t waiting_lines_max = 8192;

constexpr const char* text_pattern = "%Y-%m-%dT%H:%M:%S.%eZ %^%*%$ %v";
constexpr const char* json_pattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%*",%v})";

spdlog::level::level_enum spdlog_level(Level level) {
  switch (level) {
    case Level::trace:
      return spdlog::level::trace;
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warn:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

// The level by the name the configuration knows (spdlog says "warning"), padded for people.
class LevelName final : public spdlog::custom_flag_formatter {
 public:
  explicit LevelName(LogFormat format) : padded_(format == LogFormat::text) {}
  void format(const spdlog::details::log_msg& msg, const std::tm&,
              spdlog::memory_buf_t& out) override {
    static constexpr std::array<std::string_view, 5> names{"trace", "debug", "info ", "warn ",
                                                           "error"};
    std::string_view name = names.at(static_cast<std::size_t>(msg.level));
    if (!padded_ && name.ends_with(' ')) name.remove_suffix(1);
    out.append(name.data(), name.data() + name.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<LevelName>(*this);
  }

 private:
  bool padded_;
};

std::unique_ptr<spdlog::formatter> make_formatter(LogFormat format) {
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  formatter->add_flag<LevelName>('*', format)
      .set_pattern(format == LogFormat::json ? json_pattern : text_pattern);
  return formatter;
}

class StderrLog final : public Log {
 public:
  StderrLog(LogFormat format, Level level)
      : format_(format),
        level_(level),
        writer_(std::make_shared<spdlog::details::thread_pool>(waiting_lines_max, 1)) {
    auto sink = std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>();
    if (format == LogFormat::json) sink->set_color_mode(spdlog::color_mode::never);
    logger_ = std::make_shared<spdlog::async_logger>("hansard", std::move(sink), writer_,
                                                     spdlog::async_overflow_policy::overrun_oldest);
    logger_->set_level(spdlog::level::trace);  // enabled() has decided
    logger_->set_formatter(make_formatter(format));
  }

  bool enabled(Level level) const override {
    return level >= level_.load(std::memory_order_relaxed);
  }
  void set_level(Level level) override { level_.store(level, std::memory_order_relaxed); }

  void write(Level level, std::string_view event, std::initializer_list<Field> fields) override {
    report_lost_lines();
    put(level, event, fields);
  }

 private:
  void put(Level level, std::string_view event, std::initializer_list<Field> fields) {
    const std::string line = log_line(format_, event, fields, line_max - around_line_max);
    logger_->log(spdlog_level(level), spdlog::string_view_t(line.data(), line.size()));
  }

  void report_lost_lines() {
    const std::size_t lost = writer_->overrun_counter();
    std::size_t reported = reported_lost_.load(std::memory_order_relaxed);
    if (lost == reported || writer_->queue_size() > waiting_lines_max / 2) return;
    if (!reported_lost_.compare_exchange_strong(reported, lost)) return;
    put(Level::warn, "log lines lost", {{"lines", std::to_string(lost - reported)}});
  }

  const LogFormat format_;
  std::atomic<Level> level_;
  std::atomic<std::size_t> reported_lost_{0};
  std::shared_ptr<spdlog::details::thread_pool> writer_;  // ends by writing what waits
  std::shared_ptr<spdlog::async_logger> logger_;
};

class NullLog final : public Log {
 public:
  bool enabled(Level) const override { return false; }
  void write(Level, std::string_view, std::initializer_list<Field>) override {}
};

}  // namespace

std::unique_ptr<Log> make_stderr_log(LogFormat format, Level level) {
  return std::make_unique<StderrLog>(format, level);
}

std::unique_ptr<Log> make_null_log() { return std::make_unique<NullLog>(); }

}  // namespace base
