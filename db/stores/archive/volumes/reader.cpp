// SPDX-License-Identifier: Apache-2.0
#include "db/stores/archive/volumes/reader.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace db::archive {
namespace {

using compliance::ArchiveReader;
using compliance::Checkpoint;
using compliance::SourceHead;
using compliance::StoredEvent;
using compliance::StoredManifest;
using compliance::StoreError;

using Hashes = std::vector<base::Sha256>;

class Volumes final : public ArchiveReader {
 public:
  Volumes(std::vector<OpenVolume> volumes, std::vector<Amiss> amiss)
      : volumes_(std::move(volumes)), amiss_(std::move(amiss)) {}

  Read<std::string> id() override { return ask(last(), &ArchiveReader::id); }

  Read<std::vector<StoredEvent>> events(std::int64_t first, std::size_t max) override {
    for (auto& volume : volumes_) {
      if (volume.extent.end_seq <= first) continue;
      auto page = ask(volume, &ArchiveReader::events, first, max);
      if (!page || !page->empty()) return page;
    }
    return std::vector<StoredEvent>();
  }

  Read<std::optional<std::int64_t>> part_of_no_event(std::int64_t first,
                                                     std::int64_t end) override {
    return first_of(&ArchiveReader::part_of_no_event, first, end);
  }

  // The numbers of a room may go back over the end of a month, after an older copy of the content
  // was put back: pages are merged up to where all that are read have everything.
  Read<std::vector<StoredEvent>> room_events(std::int64_t room_id, std::int64_t first_rn,
                                             std::size_t max) override {
    std::vector<StoredEvent> merged;
    std::int64_t complete = std::numeric_limits<std::int64_t>::max();
    for (auto& volume : volumes_) {
      // A page is long: whether it begins early enough is seen from its first number.
      const auto begins = ask(volume, &ArchiveReader::room_events, room_id, first_rn, 1);
      if (!begins) return begins;
      if (begins->empty() || begins->front().number.value_or(0) > complete) continue;
      auto page = ask(volume, &ArchiveReader::room_events, room_id, first_rn, max);
      if (!page) return page;
      if (page->empty()) continue;
      complete = std::min(complete, page->back().number.value_or(0));
      std::ranges::move(*page, std::back_inserter(merged));
    }
    std::erase_if(merged, [&](const auto& event) { return event.number.value_or(0) > complete; });
    std::ranges::sort(merged, {}, [](const StoredEvent& event) {
      return std::pair(event.number.value_or(0), event.seq);
    });
    return merged;
  }

  Read<std::optional<StoredEvent>> find(const std::string& event_id) override {
    return first_of(&ArchiveReader::find, event_id);
  }
  Read<std::optional<std::int64_t>> first_at(std::int64_t at_us) override {
    return first_of(&ArchiveReader::first_at, at_us);
  }
  Read<std::optional<std::int64_t>> last_before(std::int64_t at_us) override {
    for (auto volume = volumes_.rbegin(); volume != volumes_.rend(); ++volume) {
      auto found = ask(*volume, &ArchiveReader::last_before, at_us);
      if (!found || *found) return found;
    }
    return std::optional<std::int64_t>();
  }
  Read<std::map<std::string, SourceHead>> heads() override {
    return ask(last(), &ArchiveReader::heads);
  }
  Read<std::int64_t> size() override { return ask(last(), &ArchiveReader::size); }

  Read<Hashes> leaf_hashes(std::int64_t first, std::size_t count) override {
    return in_order(first, count, 1, [&](OpenVolume& volume, std::int64_t from, std::size_t some) {
      return ask(volume, &ArchiveReader::leaf_hashes, from, some);
    });
  }
  // A volume ends under a checkpoint, so it has each subtree whose last leaf is its own.
  Read<Hashes> subtrees(int level, std::int64_t first, std::size_t count) override {
    return in_order(first, count, std::int64_t{1} << (8 * level),
                    [&](OpenVolume& volume, std::int64_t from, std::size_t some) {
                      return ask(volume, &ArchiveReader::subtrees, level, from, some);
                    });
  }

  Read<std::vector<Checkpoint>> checkpoints(std::int64_t above, std::size_t max) override {
    return first_page(&ArchiveReader::checkpoints, above, max);
  }
  Read<std::vector<StoredManifest>> manifests(std::int64_t above, std::size_t max) override {
    return first_page(&ArchiveReader::manifests, above, max);
  }
  Read<std::optional<Checkpoint>> checkpoint_covering(std::int64_t size) override {
    for (auto& volume : volumes_) {
      if (volume.extent.end_seq < size) continue;
      auto found = ask(volume, &ArchiveReader::checkpoint_covering, size);
      if (!found || *found) return found;
    }
    return std::optional<Checkpoint>();
  }

  Read<std::vector<std::int64_t>> rooms(const std::string& jid) override {
    return all_of<std::int64_t>(&ArchiveReader::rooms, jid);
  }
  // Who was inside when a volume ended is in the next one too, which knows how it went on; the one
  // before knows who it was.
  Read<std::vector<Stay>> present(std::int64_t room_id, std::int64_t number) override {
    std::vector<Stay> all;
    std::vector<Stay> handed_on;  // by the volume before
    for (auto& volume : volumes_) {
      auto some = ask(volume, &ArchiveReader::present, room_id, number);
      if (!some) return some;
      std::vector<Stay> open;
      for (auto& stay : *some) {
        const auto begun = std::ranges::lower_bound(handed_on, stay.join_seq, {}, &Stay::join_seq);
        if (begun != handed_on.end() && begun->join_seq == stay.join_seq) {
          stay.jid = std::move(begun->jid);
          stay.nick = std::move(begun->nick);
        }
        (&volume != &last() && !stay.leave_seq ? open : all).push_back(std::move(stay));
      }
      handed_on = std::move(open);
    }
    if (!std::ranges::is_sorted(all, {}, &Stay::join_seq))
      std::ranges::sort(all, {}, &Stay::join_seq);
    return all;
  }
  Read<std::vector<std::int64_t>> given_out(std::int64_t room_id, std::int64_t number) override {
    return all_of<std::int64_t>(&ArchiveReader::given_out, room_id, number);
  }

  Read<std::vector<Amiss>> amiss() override {
    std::vector<Amiss> all = amiss_;
    const auto id = this->id();
    if (!id) return base::fail(id.error());
    std::int64_t ordinal = 1, seq = 0;
    for (auto& volume : volumes_) {
      const bool follows = volume.extent.ordinal <= ordinal;
      for (; ordinal < volume.extent.ordinal; ++ordinal)
        all.push_back(
            {std::nullopt, "volume " + std::to_string(ordinal), "it is not beside " + last().name});
      const auto own = ask(volume, &ArchiveReader::id);
      if (!own) return base::fail(own.error());
      if (volume.extent.ordinal < ordinal || *own != *id)
        all.push_back({std::nullopt, volume.name, "it does not belong to this archive"});
      else if (follows && volume.extent.first_seq != seq)
        all.push_back({seq, volume.name, "it does not go on where the one before it ends"});
      if (auto some = out_of_place(volume, all); !some) return base::fail(some.error());
      ordinal = volume.extent.ordinal + 1;
      seq = volume.extent.end_seq;
    }
    return all;
  }

  std::string last_error() const override { return last_error_; }

 private:
  OpenVolume& last() { return volumes_.back(); }

  template <class Answer, class... Parameters, class... Arguments>
  Answer ask(OpenVolume& volume, Answer (ArchiveReader::*what)(Parameters...),
             Arguments&&... arguments) {
    auto answer = (volume.reader.get()->*what)(std::forward<Arguments>(arguments)...);
    if (!answer) last_error_ = volume.name + ": " + volume.reader->last_error();
    return answer;
  }

  template <class T, class... Parameters, class... Arguments>
  Read<std::optional<T>> first_of(Read<std::optional<T>> (ArchiveReader::*what)(Parameters...),
                                  const Arguments&... arguments) {
    for (auto& volume : volumes_) {
      auto found = ask(volume, what, arguments...);
      if (!found || *found) return found;
    }
    return std::optional<T>();
  }

  // A volume's numbers are all above those of the one before it.
  template <class T>
  Read<std::vector<T>> first_page(Read<std::vector<T>> (ArchiveReader::*what)(std::int64_t,
                                                                              std::size_t),
                                  std::int64_t above, std::size_t max) {
    for (auto& volume : volumes_) {
      auto page = ask(volume, what, above, max);
      if (!page || !page->empty()) return page;
    }
    return std::vector<T>();
  }

  template <class T, class... Parameters, class... Arguments>
  Read<std::vector<T>> all_of(Read<std::vector<T>> (ArchiveReader::*what)(Parameters...),
                              const Arguments&... arguments) {
    std::vector<T> all;
    for (auto& volume : volumes_) {
      const auto some = ask(volume, what, arguments...);
      if (!some) return some;
      all.insert(all.end(), some->begin(), some->end());
    }
    return all;
  }

  // Hashes over `leaves` leaves each, from the `first`-th on, each from the volume that has it.
  template <class F>
  Read<Hashes> in_order(std::int64_t first, std::size_t count, std::int64_t leaves, F&& hashes_of) {
    Hashes all;
    for (auto& volume : volumes_) {
      const std::int64_t at = first + static_cast<std::int64_t>(all.size());
      const std::int64_t begin = volume.extent.first_seq / leaves;
      const std::int64_t end = volume.extent.end_seq / leaves;
      if (all.size() >= count) break;
      if (at >= end) continue;
      if (at < begin) return absent(volume);
      const auto left = static_cast<std::int64_t>(count - all.size());
      const auto some = static_cast<std::size_t>(std::min(left, end - at));
      const auto page = hashes_of(volume, at, some);
      if (!page) return page;
      all.insert(all.end(), page->begin(), page->end());
      if (page->size() < some) break;
    }
    return all;
  }

  Read<Hashes> absent(const OpenVolume& behind) {
    last_error_ = "what comes before " + behind.name + " is not there: put that file back";
    return base::fail(StoreError::unavailable);
  }

  // Rows that no question above comes by.
  Read<bool> out_of_place(OpenVolume& volume, std::vector<Amiss>& all) {
    constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
    const auto& extent = volume.extent;
    const auto stray = [&](std::int64_t seq) {
      all.push_back({seq, volume.name, "it is not among the events of this file"});
    };
    const auto before = ask(volume, &ArchiveReader::events, lowest, 1);
    if (!before) return base::fail(before.error());
    if (!before->empty() && before->front().seq < extent.first_seq) stray(before->front().seq);
    const auto part = ask(volume, &ArchiveReader::part_of_no_event, lowest, extent.first_seq);
    if (!part) return base::fail(part.error());
    if (*part) stray(**part);
    if (!extent.sealed()) return true;
    const auto after = ask(volume, &ArchiveReader::events, extent.end_seq, 1);
    if (!after) return base::fail(after.error());
    if (!after->empty()) stray(after->front().seq);
    const auto left =
        ask(volume, &ArchiveReader::part_of_no_event, extent.end_seq, Extent::open_end);
    if (!left) return base::fail(left.error());
    if (*left) stray(**left);
    return true;
  }

  std::vector<OpenVolume> volumes_;
  const std::vector<Amiss> amiss_;
  std::string last_error_;
};

}  // namespace

std::unique_ptr<ArchiveReader> join_volumes(std::vector<OpenVolume> volumes,
                                            std::vector<ArchiveReader::Amiss> amiss) {
  return std::make_unique<Volumes>(std::move(volumes), std::move(amiss));
}

}  // namespace db::archive
