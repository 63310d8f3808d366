// SPDX-License-Identifier: Apache-2.0
#include "net/http/exchange.h"

#include <utility>

namespace net::http {

Exchange::Exchange(Place& place, std::unique_ptr<Connection> connection)
    : place_(place), connection_(std::move(connection)), reader_(place.limits().head) {}

void Exchange::begin() {
  deadline_ = place_.loop().now() + place_.limits().request;
  connection_->set_handler(this);
}

void Exchange::on_read(std::string_view bytes) {
  if (closing_) return;
  if (!reader_.begun() && unread_.empty())
    deadline_ = place_.loop().now() + place_.limits().request;
  unread_.append(bytes);
  if (unread_.size() >= place_.limits().unread_bytes) connection_->pause_reading();
  if (!due_) work();
}

void Exchange::on_closed(CloseReason) { place_.retire(*this); }

void Exchange::work() {
  if (closing_ || connection_->queued_bytes() > place_.limits().unsent_bytes) return;
  std::string_view bytes = unread_;
  const auto found = reader_.read(bytes);
  unread_.erase(0, unread_.size() - bytes.size());
  switch (found) {
    case HeadReader::Found::part:
      return connection_->resume_reading();
    case HeadReader::Found::malformed:
      return give_up(400);
    case HeadReader::Found::long_line:
      return give_up(414);
    case HeadReader::Found::long_fields:
      return give_up(431);
    case HeadReader::Found::head:
      answer(reader_.take());
      deadline_ =
          place_.loop().now() + (unread_.empty() ? place_.limits().idle : place_.limits().request);
      if (unread_.empty())
        connection_->resume_reading();
      else
        work_later();
  }
}

void Exchange::work_later() {
  due_ = true;
  place_.loop().post([self = weak_from_this()] {
    const auto exchange = self.lock();
    if (!exchange) return;
    exchange->due_ = false;
    exchange->work();
  });
}

void Exchange::answer(const std::string& head) {
  const auto request = parse_request(head);
  if (!request) return give_up(request.error());
  const Response response = place_.answer(*request);
  send(response, request->method == Method::head ? Body::left_out : Body::sent,
       request->keep_alive ? After::keep_alive : After::close);
}

void Exchange::give_up(int status) {
  place_.refused();
  send(refusal(status), Body::sent, After::close);
}

void Exchange::send(const Response& response, Body body, After after) {
  connection_->send(to_bytes(response, body, after, place_.wall()));
  if (after == After::keep_alive) return;
  closing_ = true;
  unread_ = {};
  connection_->close(base::seconds(2));
}

void Exchange::sweep(base::Time now) {
  if (closing_) return;
  const bool waiting = connection_->queued_bytes() > 0;
  if (now >= deadline_) {
    // Whoever said nothing, or takes nothing, is not told.
    if (reader_.begun()) return give_up(408);
    closing_ = true;
    return waiting ? connection_->abort() : connection_->close(base::seconds(2));
  }
  if (!due_ && !unread_.empty()) work();
}

}  // namespace net::http
