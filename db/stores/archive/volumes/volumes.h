// SPDX-License-Identifier: Apache-2.0
// Volumes: the files of an archive on SQLite, one a month. The one that grows has the archive's own
// name, "archive.db"; those before it are sealed and called "archive.0001-2026-10.db", by ordinal
// and by the month (UTC) of their first event. PostgreSQL's archive is one. For db/'s own files.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "db/sql/sql.h"

namespace db {

struct Volume {
  std::int64_t ordinal = 1;
  Target target;
  std::string label;  // "0001-2026-10"
};
// In order of their ordinals.
std::vector<Volume> sealed_volumes(const Target& archive);

// What the volume of this connection has, as its table `volume` says. PostgreSQL: all.
struct Extent {
  static constexpr std::int64_t open_end = std::numeric_limits<std::int64_t>::max();
  std::int64_t ordinal = 1;
  std::int64_t first_seq = 0, end_seq = open_end;  // of events
  std::int64_t first_manifest = 1;
  bool sealed() const { return end_seq != open_end; }
};
Extent extent_of(Session& session);

// SQLite finds a database's log by the database's name, so nobody may be about to open the volume
// that grows while another file takes that name. Whoever opens it has a gate, `opening`, until the
// first statement was prepared: from then on it is SQLite's own lock that turn_volume() meets.
class VolumeGate {
 public:
  enum class Side { opening, turning };
  // Waits, for milliseconds. Its file is made by the archive's owner at its start: where there is
  // none, as beside a copy, nobody turns a volume and nothing is waited for.
  VolumeGate(const Target& archive, Side side);
  ~VolumeGate();
  VolumeGate(const VolumeGate&) = delete;
  VolumeGate& operator=(const VolumeGate&) = delete;

 private:
  int fd_ = -1;
};

// Whether its events have come into another month than the first of them was in.
bool month_is_over(Session& session);
// Seals the volume that grows and puts the next one in its place. For the archive's owner, who has
// closed it. A crash between any two steps is mended by mend_volumes(). Throws DatabaseError, also
// if somebody else has it open.
void turn_volume(const Target& archive);
// For the archive's owner, before it is opened: goes on with what a crash cut off. Throws as above,
// also if the volume that grows is not the one after those that are sealed, as after an older copy
// of it was put back.
void mend_volumes(const Target& archive);

}  // namespace db
