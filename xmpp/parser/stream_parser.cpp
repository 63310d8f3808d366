// SPDX-License-Identifier: Apache-2.0
// Every limit is checked against positions in the byte stream, never against how much came at once:
// what is refused, and with which error, must not depend on how the network cut the bytes.
#include "xmpp/parser/stream_parser.h"

#include <algorithm>

#include "base/check.h"
#include "xmpp/errors/xml_error.h"
#include "xmpp/parser/stream_parser_impl.h"
#include "xmpp/writer.h"

namespace xmpp {
namespace {

// Expat's buffer grows to what it is given at once and never shrinks: small helpings.
constexpr std::size_t helping_max = 4096;
Expat make_expat() {
  Expat expat(XML_ParserCreateNS("UTF-8", name_separator));
  CHECK(expat != nullptr);
#ifdef HANSARD_EXPAT_REPARSE_DEFERRAL
  // On by default where CVE-2023-52425 is fixed, and then a whole stanza may wait for more bytes.
  CHECK(XML_SetReparseDeferralEnabled(expat.get(), XML_FALSE) == XML_TRUE);
#endif
  return expat;
}

}  // namespace

StreamParser::Status StreamParser::Impl::feed(std::string_view bytes) {
  if (state_ == State::ended) return Status::ended;
  if (state_ == State::paused) {
    pending_ += bytes;
    return Status::paused;
  }
  return run(bytes);
}

StreamParser::Status StreamParser::Impl::run(std::string_view bytes) {
  while (state_ == State::running && !bytes.empty()) {
    const std::string_view helping = bytes.substr(0, helping_max);
    bytes.remove_prefix(helping.size());
    parse(helping);
  }
  if (state_ == State::ended) {
    expat_.reset();
    return Status::ended;
  }
  if (state_ == State::paused) {
    pending_ = bytes;
    return Status::paused;
  }
  if (renew_expat_) hibernate();
  return Status::ok;
}

StreamParser::Status StreamParser::Impl::resume() {
  if (state_ == State::ended) return Status::ended;
  if (state_ == State::running) return Status::ok;
  state_ = State::running;
  if (close_pending_) {
    close_stream();
    return run({});
  }
  in_expat_ = true;
  const XML_Status status = XML_ResumeParser(expat_.get());
  in_expat_ = false;
  after_expat(status);
  if (state_ == State::paused) return Status::paused;
  return run(std::exchange(pending_, {}));
}

std::string StreamParser::Impl::take_rest() {
  CHECK(state_ == State::paused);
  std::string rest(unread(token_start_));
  rest += pending_;
  state_ = State::ended;
  return rest;
}

void StreamParser::Impl::set_limits(const ParserLimits& limits) {
  next_limits_ = limits;
  if (!in_stanza_) limits_ = limits;
}

void StreamParser::Impl::hibernate() {
  if (in_expat_ || state_ != State::running || !stream_open_ || mid_stanza()) return;
  expat_.reset();
  renew_expat_ = false;
}

void StreamParser::Impl::parse(std::string_view helping) {
  if (!prolog_.done()) {
    if (auto problem = prolog_.scan(helping)) {
      give_to_expat(helping.substr(0, problem->at));  // an earlier error goes first
      return fail(std::move(problem->error));
    }
  }
  give_to_expat(helping);
}

void StreamParser::Impl::give_to_expat(std::string_view helping) {
  if (helping.empty()) return;
  if (!expat_) wake();
  fed_ += static_cast<std::int64_t>(helping.size());
  in_expat_ = true;
  const XML_Status status =
      XML_Parse(expat_.get(), helping.data(), static_cast<int>(helping.size()), XML_FALSE);
  in_expat_ = false;
  after_expat(status);
}

void StreamParser::Impl::after_expat(XML_Status status) {
  if (state_ != State::running) return;
  if (status == XML_STATUS_ERROR) return on_expat_error();
  token_start_ = std::max(token_start_, position());
  if (exceeds(token_start_, fed_)) fail_too_big();
}

// A new expat, brought to where the old one was: inside the stream, with the header's prefixes.
void StreamParser::Impl::wake() {
  expat_ = make_expat();
  expat_base_ = fed_;
  if (stream_open_) {
    const std::string header = canned_header();
    CHECK(XML_Parse(expat_.get(), header.data(), static_cast<int>(header.size()), XML_FALSE) ==
          XML_STATUS_OK);
    expat_base_ -= static_cast<std::int64_t>(header.size());
  }
  set_handlers();
}

std::string StreamParser::Impl::canned_header() const {
  std::string header = "<stream:stream";
  for (const auto& [prefix, uri] : header_declarations_) {
    header += prefix.empty() ? " xmlns" : " xmlns:" + prefix;
    header += "='";
    append_escaped(header, uri);
    header += '\'';
  }
  return header += '>';
}

// Notes that the token under way is read, and checks the limits at its end. False: say nothing
// about it, the stream has ended or ends here.
bool StreamParser::Impl::begin_token() {
  if (state_ == State::ended) return false;
  const std::int64_t start = position();
  const std::int64_t end = start + XML_GetCurrentByteCount(expat_.get());
  if (!in_stanza_ && stream_open_) stanza_start_ = start;
  token_start_ = end;
  if (!exceeds(start, end)) return true;
  fail_too_big();
  return false;
}

// Would a stream of `end` bytes, whose last token started at `token_start`, be over a limit?
bool StreamParser::Impl::exceeds(std::int64_t token_start, std::int64_t end) const {
  const std::int64_t stanza_start = in_stanza_ || !stream_open_ ? stanza_start_ : token_start;
  return end - token_start > static_cast<std::int64_t>(limits_.token_bytes) ||
         end - stanza_start > static_cast<std::int64_t>(limits_.stanza_bytes);
}

void StreamParser::Impl::fail(StreamError error) {
  if (state_ == State::ended) return;
  state_ = State::ended;
  if (in_expat_) XML_StopParser(expat_.get(), XML_FALSE);
  handler_.on_stream_error(error);
}

void StreamParser::Impl::on_expat_error() {
  const XML_Error code = XML_GetErrorCode(expat_.get());
  const std::int64_t at = position();
  const std::string_view rest = unread(at);
  // Had the bytes come one by one, a limit might have struck before expat could see the error.
  std::int64_t seen = at;
  if (code != XML_ERROR_INVALID_TOKEN)
    seen = token_start_ + static_cast<std::int64_t>(token_size(unread(token_start_)));
  else if (!rest.empty())
    seen = at + static_cast<std::int64_t>(judged_bytes(rest.front())) - 1;
  if (exceeds(token_start_, seen)) return fail_too_big();
  fail(expat_error(code, rest));
}

// What expat has of the bytes from that position on.
std::string_view StreamParser::Impl::unread(std::int64_t from) const {
  int offset = 0;
  int size = 0;
  const char* buffer = XML_GetInputContext(expat_.get(), &offset, &size);
  const std::int64_t count = fed_ - from;
  if (buffer == nullptr || count <= 0 || count > size) return {};
  return {buffer + (size - count), static_cast<std::size_t>(count)};
}

StreamParser::StreamParser(Handler& handler, const ParserLimits& limits)
    : impl_(std::make_unique<Impl>(handler, limits)) {}
StreamParser::~StreamParser() = default;

StreamParser::Status StreamParser::feed(std::string_view bytes) { return impl_->feed(bytes); }
StreamParser::Status StreamParser::resume() { return impl_->resume(); }
std::string StreamParser::take_rest() { return impl_->take_rest(); }
void StreamParser::set_limits(const ParserLimits& limits) { impl_->set_limits(limits); }
void StreamParser::hibernate() { impl_->hibernate(); }
bool StreamParser::mid_stanza() const { return impl_->mid_stanza(); }

}  // namespace xmpp
