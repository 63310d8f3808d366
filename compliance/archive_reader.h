// SPDX-License-Identifier: Apache-2.0
// The archive as it is read: by those who verify it, who therefore get what is stored and not what
// should be, and by those who look something up. Beside a writer at work; leaves that were read
// once never change, unless somebody tampers.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "compliance/archive_store.h"
#include "compliance/checkpoint_store.h"
#include "compliance/outbox.h"

namespace compliance {

// A row of `event` with its parts. The columns are projections of the leaf: claims, to be checked.
struct StoredEvent {
  std::int64_t seq = 0;
  std::string leaf;
  std::string leaf_hash;  // hex, as stored
  std::string source;
  std::int64_t sn = 0;
  std::string event_id;
  std::int64_t code = 0;
  std::int64_t at_us = 0;
  std::optional<std::int64_t> room_id, number;
  std::vector<record::Part> parts;  // in order of n; salts and data as stored
};

// A row of `manifest`, as stored.
struct StoredManifest {
  std::int64_t number = 0;
  std::string sha256;  // hex
  std::string text;
};

// Calls block; one thread. Errors: `unavailable`.
class ArchiveReader {
 public:
  virtual ~ArchiveReader() = default;
  template <class T>
  using Read = base::Result<T, StoreError>;

  virtual Read<std::string> id() = 0;  // as CheckpointStore's

  // Rows with seq >= first in order of seq, at most `max` and about 8 MiB; a gap between them is
  // the reader's to notice. Empty: there are no more.
  virtual Read<std::vector<StoredEvent>> events(std::int64_t first, std::size_t max) = 0;
  // The first number, from `first` on and below `end`, under which there are parts and no event.
  // An `end` of the largest number there is stands for all that follow.
  virtual Read<std::optional<std::int64_t>> part_of_no_event(std::int64_t first,
                                                             std::int64_t end) = 0;
  // Of a room, from number `first_rn` on, in order of number and then of seq; not of the last
  // number of a page alone: all rows of a number are on one page.
  virtual Read<std::vector<StoredEvent>> room_events(std::int64_t room_id, std::int64_t first_rn,
                                                     std::size_t max) = 0;
  virtual Read<std::optional<StoredEvent>> find(const std::string& event_id) = 0;
  // The smallest seq of an event that happened at or after `at_us`; nullopt if there is none.
  virtual Read<std::optional<std::int64_t>> first_at(std::int64_t at_us) = 0;
  // The largest seq of an event that happened before `at_us`.
  virtual Read<std::optional<std::int64_t>> last_before(std::int64_t at_us) = 0;
  virtual Read<std::map<std::string, SourceHead>> heads() = 0;
  virtual Read<std::int64_t> size() = 0;
  virtual Read<std::vector<base::Sha256>> leaf_hashes(std::int64_t first, std::size_t count) = 0;
  virtual Read<std::vector<base::Sha256>> subtrees(int level, std::int64_t first,
                                                   std::size_t count) = 0;
  // With size > `above`, in order of size.
  virtual Read<std::vector<Checkpoint>> checkpoints(std::int64_t above, std::size_t max) = 0;
  // The smallest checkpoint of at least `size` leaves.
  virtual Read<std::optional<Checkpoint>> checkpoint_covering(std::int64_t size) = 0;
  // With number > `above`, in order of number.
  virtual Read<std::vector<StoredManifest>> manifests(std::int64_t above, std::size_t max) = 0;
  // Rooms whose JID was this when they were made, oldest first: an address may have been several.
  virtual Read<std::vector<std::int64_t>> rooms(const std::string& jid) = 0;

  struct Stay {
    std::string session;    // as in the leaves' `a.s`
    std::string pseudonym;  // `a.p`
    std::int64_t join_seq = 0, join_rn = 0;
    std::optional<std::int64_t> leave_seq, leave_rn;
    // Of the event of the join: when it was, and its parts; "" if they are not there.
    std::int64_t joined_us = 0;
    std::string jid, nick;  // the full JID
  };
  // Who was in the room at its number: join_rn < number and no leave_rn below it; in order of
  // join_seq.
  virtual Read<std::vector<Stay>> present(std::int64_t room_id, std::int64_t number) = 0;
  // Events by which this number was given out to somebody later: joins with history (201) and
  // pages (401) whose range has it; in order.
  virtual Read<std::vector<std::int64_t>> given_out(std::int64_t room_id, std::int64_t number) = 0;

  // What is wrong with the files it is kept in, so that the calls above do not come by all there
  // is: for those who verify it.
  struct Amiss {
    std::optional<std::int64_t> seq;
    std::string where, text;
  };
  virtual Read<std::vector<Amiss>> amiss() { return std::vector<Amiss>(); }

  // Why the last call that failed did, for people.
  virtual std::string last_error() const = 0;
};

// The events of these numbers, which come in ascending order; those that are not there are left
// out.
ArchiveReader::Read<std::vector<StoredEvent>> events_of(ArchiveReader& archive,
                                                        const std::vector<std::int64_t>& seqs);
// The largest checkpoint; nullopt if there is none.
ArchiveReader::Read<std::optional<Checkpoint>> last_checkpoint(ArchiveReader& archive);

}  // namespace compliance
