// SPDX-License-Identifier: Apache-2.0
#include "compliance/verify/chains.h"

#include <algorithm>

#include "record/codes.h"
#include "record/json_reader.h"

namespace compliance {
namespace {

using record::LeafView;

// What a clock may be off between two events without anybody having set it.
constexpr base::Micros clock_jitter = base::seconds(2);
// Events wait in a queue and so seem older than they are; a clock set back is behind for good.
constexpr int behind_events = 50;
constexpr base::Micros behind_time = base::seconds(30);

constexpr int clock_stepped_code = 610;

std::string numbered(std::string_view source, std::int64_t sn) {
  return "source " + std::string(source) + " sn " + std::to_string(sn);
}
std::string span(const std::string& source, std::int64_t first, std::int64_t last) {
  return "source " + source + " sn " + std::to_string(first) +
         (first == last ? "" : " to " + std::to_string(last));
}

std::string part(std::size_t n, std::string_view kind) {
  return "part " + std::to_string(n) + " (" + std::string(kind) + ")";
}

}  // namespace

base::Sha256 Chains::take(const StoredEvent& event) {
  ++events_;
  const base::Sha256 computed = record::leaf_hash(event.leaf);
  const auto beside = span_.columns ? base::sha256_from_hex(event.leaf_hash) : computed;
  if (beside != computed)
    report_.add({Kind::leaf_modified, false, event.seq, "",
                 "the bytes of the leaf do not have the hash that stands beside them"});
  // What follows was chained to the leaf as it was.
  const base::Sha256 hash = beside.value_or(computed);
  const auto leaf = record::read_leaf(event.leaf);
  if (!leaf) {
    if (hash == computed)
      report_.add({Kind::leaf_modified, false, event.seq, "",
                   "these bytes are no leaf of a version that is known"});
    return hash;
  }
  sound_ = hash == computed;
  if (span_.columns) columns(event, *leaf);
  contents(event, *leaf);
  source(event, *leaf, hash);
  room(event, *leaf, hash);
  said(event, *leaf);
  return hash;
}

void Chains::columns(const StoredEvent& event, const LeafView& leaf) {
  const auto differs = [&](std::string_view column) {
    report_.add({Kind::projection_mismatch, false, event.seq, "",
                 "column " + std::string(column) + " does not say what the leaf says"});
  };
  if (event.source != leaf.source) differs("src");
  if (event.sn != leaf.sn) differs("sn");
  if (event.event_id != leaf.id) differs("event_id");
  if (event.code != leaf.code) differs("t");
  if (event.at_us != leaf.at_us) differs("ts");
  if (event.room_id != leaf.room_id) differs("room");
  if (event.number != leaf.number) differs("rn");
}

void Chains::contents(const StoredEvent& event, const LeafView& leaf) {
  const auto found = [&](Kind kind, std::string text) {
    report_.add({kind, false, event.seq, "", std::move(text)});
  };
  auto stored = event.parts.begin();
  std::size_t known = 0;
  for (std::size_t n = 0; n < leaf.parts.size(); ++n) {
    const auto& promised = leaf.parts[n];
    while (stored != event.parts.end() && stored->n < static_cast<int>(n)) ++stored;
    if (stored == event.parts.end() || stored->n != static_cast<int>(n)) {
      found(Kind::part_missing, part(n, promised.kind) + " is not there");
      continue;
    }
    const record::Part& here = *stored++;
    ++known;
    if (here.salt.empty() && here.data.empty())
      erased(event.seq, n, promised.kind);
    else if (record::part_commitment(here.salt, here.data) != promised.commitment ||
             static_cast<std::int64_t>(here.data.size()) != promised.size)
      found(Kind::part_modified,
            part(n, promised.kind) + " is not what the leaf committed itself to");
    else if (span_.columns && here.kind != promised.kind)
      found(Kind::projection_mismatch,
            part(n, promised.kind) + " is called " + here.kind + " beside the leaf");
  }
  parts_ += static_cast<std::int64_t>(known);
  if (known < event.parts.size())
    found(Kind::part_modified, "there are parts of which the leaf says nothing");
}

// Whoever gives a copy away may keep a part back; the archive itself has every part of which no
// event says that it was erased.
void Chains::erased(std::int64_t seq, std::size_t n, std::string_view kind) {
  if (span_.columns)
    erased_.push_back({seq, n, std::string(kind)});
  else
    report_.add({Kind::part_redacted, true, seq, "",
                 part(n, kind) + " is kept back: only its commitment is here"});
}

// No event of this version says that a part was erased; the day one does, it is looked up here.
bool Chains::said_erased(const Erased&) { return false; }

// A leaf that its successor denies was changed, unless the successor itself was: that shows when
// the one after that denies it.
void Chains::source(const StoredEvent& event, const LeafView& leaf, const base::Sha256& hash) {
  if (!span_.all_sources) return;
  const auto [at, fresh] = sources_.try_emplace(std::string(leaf.source));
  Source& here = at->second;
  const std::string& name = at->first;
  const bool unknown_before = fresh && !span_.from_start;
  if (!unknown_before && leaf.sn <= here.number) {
    report_.add({Kind::src_dup, false, event.seq, numbered(name, leaf.sn),
                 "this number of the source was here before"});
    return;
  }
  if (!unknown_before && leaf.sn > here.number + 1) {
    gaps_.push_back({name, here.number + 1, leaf.sn - 1, event.seq});
    flush(name, here);
  } else if (!unknown_before && leaf.previous != here.hash) {
    if (here.number == 0) {
      report_.add({Kind::src_fork, false, event.seq, numbered(name, leaf.sn),
                   "the first of its source names another before it"});
    } else if (here.suspect) {
      // The one before denied its own predecessor and is denied now: it is the one.
      report_.add({Kind::leaf_modified, false, here.seq, numbered(name, here.number),
                   "neither the leaf before it in its source nor the one after it fits"});
      here.suspect.reset();
    } else {
      here.suspect = here.seq;
    }
  } else {
    flush(name, here);
  }
  if (sound_) clock(event, leaf, here);
  static_cast<Link&>(here) = {leaf.sn, event.seq, hash};
}

void Chains::flush(const std::string& name, Source& source) {
  if (source.suspect)
    report_.add({Kind::leaf_modified, false, source.suspect, "source " + name,
                 "the leaf after it in its source holds another hash of it"});
  source.suspect.reset();
}

void Chains::room(const StoredEvent& event, const LeafView& leaf, const base::Sha256& hash) {
  if (!leaf.room_previous) return;
  const auto [at, fresh] = rooms_.try_emplace(*leaf.room_id);
  Link& here = at->second;
  const bool unknown_before = fresh && !span_.from_start;
  const auto where = [&] { return "room " + record::room_name(*leaf.room_id); };
  if (!unknown_before && *leaf.number != here.number + 1)
    room_gaps_.push_back({Kind::room_gap, false, event.seq, where(),
                          *leaf.number > here.number
                              ? "numbers " + std::to_string(here.number + 1) + " to " +
                                    std::to_string(*leaf.number - 1) + " are missing"
                              : "number " + std::to_string(*leaf.number) + " comes after " +
                                    std::to_string(here.number)});
  else if (!unknown_before && *leaf.room_previous != here.hash && !span_.all_sources)
    // Where all sources are there, their chains name the leaf.
    report_.add({Kind::leaf_modified, false, here.seq, where(),
                 "the event after it in its room holds another hash of it"});
  if (unknown_before || *leaf.number > here.number) here = {*leaf.number, event.seq, hash};
}

void Chains::clock(const StoredEvent& event, const LeafView& leaf, Source& source) {
  if (leaf.boot.empty() || leaf.code == static_cast<int>(record::Code::server_started)) return;
  Clock& clock = clocks_[std::string(leaf.boot)];
  const std::int64_t offset = leaf.at_us - leaf.mono_us;
  const auto unexplained = [&](const std::string& text) {
    report_.add(
        {Kind::clock_step_unexplained, false, event.seq, numbered(leaf.source, leaf.sn), text});
    clock = {offset, 0, 0, true};
  };
  if (source.boot == leaf.boot && leaf.mono_us < source.mono)
    unexplained("the monotonic clock went back within one boot");
  source.boot = leaf.boot;
  source.mono = leaf.mono_us;
  if (!clock.known || leaf.code == static_cast<int>(record::Code::clock_stepped)) {
    clock = {offset, 0, 0, true};
    return;
  }
  if (offset > clock.offset + clock_jitter) {
    unexplained("the clock was set forward by about " +
                std::to_string((offset - clock.offset) / base::seconds(1)) +
                " s and no event says so");
  } else if (offset < clock.offset - clock_jitter) {
    if (clock.behind++ == 0) clock.behind_since = leaf.mono_us;
    if (clock.behind >= behind_events && leaf.mono_us - clock.behind_since >= behind_time)
      unexplained("the clock was set back by about " +
                  std::to_string((clock.offset - offset) / base::seconds(1)) +
                  " s and no event says so");
  } else {
    clock.behind = 0;
    clock.offset = std::max(clock.offset, offset);
  }
}

// What events say about other events.
void Chains::said(const StoredEvent& event, const LeafView& leaf) {
  if (!span_.all_sources || !sound_) return;
  using record::Code;
  namespace json = record::json;
  if (leaf.code == static_cast<int>(Code::restore_detected) &&
      json::text_of(leaf.details, "older") == "archive") {
    losses_.push_back({json::text_of(leaf.details, "source").value_or(""),
                       json::integer_of(leaf.details, "lost_first_sn").value_or(0),
                       json::integer_of(leaf.details, "lost_last_sn").value_or(0), event.seq});
  } else if (leaf.code == static_cast<int>(Code::server_started)) {
    const auto previous = json::value_of(leaf.details, "previous");
    if (!previous) return;
    const std::string name = json::text_of(*previous, "source").value_or("");
    const std::int64_t last = json::integer_of(*previous, "last_sn").value_or(0);
    const auto known = sources_.find(name);
    if (known == sources_.end() && !span_.from_start) return;
    const Source& ended = known == sources_.end() ? sources_[name] : known->second;
    if (ended.number < last) {
      gaps_.push_back({name, ended.number + 1, last, std::nullopt});
    } else if (ended.number == last &&
               base::hex(base::as_chars(ended.hash)) !=
                   json::text_of(*previous, "hash").value_or("") &&
               last > 0) {
      report_.add({Kind::leaf_modified, false, ended.seq, numbered(name, last),
                   "the start after it holds another hash of the last leaf of its source"});
    }
  }
}

bool Chains::explained(const Gap& gap) const {
  std::int64_t from = gap.first;
  for (bool found = true; found && from <= gap.last;) {
    found = false;
    for (const auto& loss : losses_)
      if (loss.source == gap.source && loss.first <= from && loss.last >= from) {
        from = loss.last + 1;
        found = true;
      }
  }
  return from > gap.last;
}

void Chains::end() {
  for (auto& [name, source] : sources_) flush(name, source);
  for (const auto& one : erased_) {
    const bool said = said_erased(one);
    report_.add(
        {said ? Kind::part_redacted : Kind::part_missing, said, one.seq, "",
         part(one.n, one.kind) + (said ? " was erased, as an event says"
                                       : " is empty, and no event says that it was erased")});
  }
  bool all_explained = !losses_.empty();
  for (const auto& gap : gaps_) {
    const bool known = explained(gap);
    all_explained = all_explained && known;
    report_.add({Kind::src_gap, known, gap.seq, span(gap.source, gap.first, gap.last),
                 known ? "missing, as an event of a restore says" : "missing"});
  }
  for (auto& gap : room_gaps_) {
    gap.information = all_explained;
    if (all_explained) gap.text += ", as far as an event of a restore says";
    report_.add(std::move(gap));
  }
}

std::map<std::string, SourceHead> Chains::heads() const {
  std::map<std::string, SourceHead> heads;
  for (const auto& [name, source] : sources_)
    if (source.number > 0) heads[name] = {source.number, source.hash};
  return heads;
}

}  // namespace compliance
