// SPDX-License-Identifier: Apache-2.0
#include "db/stores/archive/derived.h"

#include <algorithm>
#include <bit>
#include <set>
#include <vector>

#include "db/stores/archive/derived_rows.h"
#include "db/writer/batched.h"
#include "record/codes.h"
#include "record/json_reader.h"
#include "record/leaf_reader.h"

namespace db::archive {

using compliance::OutboxRow;
using record::Code;
using record::LeafView;

int bits(std::int64_t number) {
  return number <= 0 ? 0 : static_cast<int>(std::bit_width(static_cast<std::uint64_t>(number)));
}

struct Derived::Impl {
  explicit Impl(Session& s)
      : session(s),
        stay(s),
        leave(s),
        given(s),
        room(s),
        stretch(s),
        size(s),
        read_size(s),
        page(s) {}

  using Whose = std::pair<std::int64_t, std::string>;  // room and session

  void joined(std::int64_t seq, const OutboxRow& row, const LeafView& leaf);
  void left(std::int64_t seq, const OutboxRow& row, const LeafView& leaf);
  void given_out(std::int64_t seq, const OutboxRow& row, const LeafView& leaf, const char* first,
                 const char* last, const char* count);
  void made(std::int64_t seq, const OutboxRow& row);
  void stretched(std::int64_t seq, const OutboxRow& row);
  void forget(std::int64_t first);
  bool derive_page(std::int64_t first);

  Session& session;
  Batched<PutStay> stay;
  Batched<EndStay> leave;
  Batched<PutGiven> given;
  Batched<PutRoom> room;
  Prepared<PutStretch> stretch;
  Prepared<PutSize> size;
  Prepared<ReadSize> read_size;
  Prepared<ReadPage> page;

  // Stays that began in this batch; of each room and session the last.
  std::vector<PutStay> stays;
  std::map<Whose, std::size_t> begun;
  std::map<Whose, EndStay> ended;  // those that began earlier
  std::map<std::int64_t, PutStretch> stretches;
};

void Derived::Impl::joined(std::int64_t seq, const OutboxRow& row, const LeafView& leaf) {
  PutStay put;
  put.join_seq = seq;
  put.join_ts = row.at_us;
  put.room = row.room_id;
  put.session = leaf.session;
  put.person = leaf.pseudonym;
  put.join_rn = row.number;
  begun[{put.room, put.session}] = stays.size();
  stays.push_back(std::move(put));
  given_out(seq, row, leaf, "history_from_rn", "history_to_rn", "history_n");
}

void Derived::Impl::left(std::int64_t seq, const OutboxRow& row, const LeafView& leaf) {
  const Whose whose{row.room_id, leaf.session};
  if (const auto found = begun.find(whose); found != begun.end()) {
    PutStay& put = stays[found->second];
    put.leave_seq = seq;
    put.leave_rn = row.number;
    put.span = bits(row.number - put.join_rn);
    put.ended = true;
    begun.erase(found);
    return;
  }
  EndStay end;
  end.room = row.room_id;
  end.session = whose.second;
  end.leave_seq = seq;
  end.leave_rn = row.number;
  ended.try_emplace(whose, std::move(end));
}

void Derived::Impl::given_out(std::int64_t seq, const OutboxRow& row, const LeafView& leaf,
                              const char* first, const char* last, const char* count) {
  const auto said = [&](const char* key) { return record::json::integer_of(leaf.details, key); };
  const auto from = said(first), to = said(last);
  if (said(count).value_or(0) <= 0 || !from || !to || *to < *from) return;
  auto& put = given.row;
  put.seq = seq;
  put.room = row.room_id;
  put.first_rn = *from;
  put.last_rn = *to;
  put.span = bits(*to - *from);
  given.run();
}

void Derived::Impl::made(std::int64_t seq, const OutboxRow& row) {
  const auto jid = std::ranges::find(row.parts, "room", &record::Part::kind);
  if (jid == row.parts.end()) return;
  room.row.seq = seq;
  room.row.room = row.room_id;
  room.row.jid = jid->data;
  room.run();
}

void Derived::Impl::stretched(std::int64_t seq, const OutboxRow& row) {
  const auto [at, fresh] = stretches.try_emplace(seq / stretch_size);
  PutStretch& put = at->second;
  if (fresh) {
    put.stretch = at->first;
    put.ts_min = put.ts_max = row.at_us;
    put.id_min = put.id_max = row.event_id;
    return;
  }
  put.ts_min = std::min(put.ts_min, row.at_us);
  put.ts_max = std::max(put.ts_max, row.at_us);
  if (row.event_id < put.id_min) put.id_min = row.event_id;
  if (row.event_id > put.id_max) put.id_max = row.event_id;
}

// The stays that the volume before handed on are as they were then.
void Derived::Impl::forget(std::int64_t first) {
  Statement(session).use(first).prepare("DELETE FROM stay WHERE join_seq >= :a").run();
  session.script(
      "UPDATE stay SET leave_seq = NULL, leave_rn = NULL, span = -1;"
      " DELETE FROM given; DELETE FROM room; DELETE FROM stretch");
}

Derived::Derived(Session& session) : impl_(std::make_unique<Impl>(session)) {}
Derived::~Derived() = default;

// What is no leaf has nothing to derive: whoever verifies the archive names it.
void Derived::add(std::int64_t seq, const OutboxRow& row) {
  impl_->stretched(seq, row);
  const auto code = static_cast<Code>(row.code);
  if (code == Code::room_created) return impl_->made(seq, row);
  const bool joined = code == Code::occupant_joined, left = code == Code::occupant_left;
  if (!joined && !left && code != Code::history_viewed) return;
  const auto leaf = record::read_leaf(row.leaf);
  if (!leaf) return;
  if (joined)
    impl_->joined(seq, row, *leaf);
  else if (left)
    impl_->left(seq, row, *leaf);
  else
    impl_->given_out(seq, row, *leaf, "first_rn", "last_rn", "n");
}

// Leaves before joins: what waits of leaves is of stays that are stored.
void Derived::write(std::int64_t size) {
  Impl& to = *impl_;
  for (auto& [whose, end] : to.ended) {
    to.leave.row = std::move(end);
    to.leave.run();
  }
  to.leave.flush();
  for (auto& put : to.stays) {
    to.stay.row = std::move(put);
    to.stay.run();
  }
  to.stay.flush();
  to.given.flush();
  to.room.flush();
  for (auto& [number, put] : to.stretches) {
    to.stretch.row = std::move(put);
    to.stretch.run();
  }
  to.size.row.size = size;
  to.size.run();
  discard();
}

void Derived::discard() {
  impl_->stays.clear();
  impl_->begun.clear();
  impl_->ended.clear();
  impl_->stretches.clear();
  impl_->leave.discard();
  impl_->stay.discard();
  impl_->given.discard();
  impl_->room.discard();
}

void Derived::catch_up(std::int64_t first, std::int64_t size) {
  impl_->read_size.one();
  std::int64_t done = impl_->read_size.row.size;
  constexpr std::int64_t page_size = 2000;
  while (done != size) {
    Transaction transaction(impl_->session, Transaction::Kind::write);
    if (done > size) {
      impl_->forget(first);
      done = first;
    }
    impl_->page.row.first = done;
    impl_->page.row.end = done + page_size;
    impl_->page.each([&] { add(impl_->page.row.seq, impl_->page.row.event()); });
    done = std::min(done + page_size, size);
    write(done);
    transaction.commit();
  }
}

}  // namespace db::archive
