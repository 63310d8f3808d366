// SPDX-License-Identifier: Apache-2.0
#include "db/writer/sources.h"

#include <algorithm>
#include <fstream>

#include "db/parts_text.h"

namespace db {
namespace {

std::optional<PreviousSource> last_source(Session& session, const std::string& node,
                                          std::int64_t incarnation) {
  PreviousSource previous;
  std::string hash;
  int stopped = 0;
  const bool found =
      Statement(session)
          .use(node)
          .use(incarnation)
          .into(previous.source)
          .into(previous.head.number)
          .into(hash)
          .into(stopped)
          .into(previous.last_seen.us)
          .prepare(
              "SELECT s.source, s.sn, s.hash, s.stopped, coalesce(h.last_seen, s.opened_at)"
              " FROM source_head s LEFT JOIN heartbeat h ON h.source = s.source"
              " WHERE s.node = :a AND s.incarnation = :b")
          .one();
  if (!found) return std::nullopt;
  previous.head.hash = digest_from_hex(hash).value_or(base::Sha256{});
  previous.stopped = stopped != 0;
  return previous;
}

}  // namespace

OpenedSource open_source(Session& session, Comparison comparison, const std::string& node,
                         bool archived, base::Time now) {
  Transaction transaction(session, Transaction::Kind::write);
  OpenedSource opened;
  opened.comparison = std::move(comparison);
  settle(session, opened.comparison);
  std::int64_t last = 0;
  Statement(session)
      .use(node)
      .into(last)
      .prepare("SELECT coalesce(max(incarnation), 0) FROM source_head WHERE node = :a")
      .one();
  opened.previous = last_source(session, node, last);
  opened.incarnation = std::max(last, opened.comparison.incarnation_max) + 1;
  opened.source = node + "." + std::to_string(opened.incarnation);
  const std::string none = base::hex(base::as_chars(base::Sha256{}));
  Statement(session)
      .use(opened.source)
      .use(node)
      .use(opened.incarnation)
      .use(none)
      .use(now.us)
      .prepare(
          "INSERT INTO source_head (source, node, incarnation, sn, hash, opened_at, stopped)"
          " VALUES (:a, :b, :c, 0, :d, :e, 0)")
      .run();
  if (!archived) note_unarchived(session, opened.source);
  transaction.commit();
  return opened;
}

std::string boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

}  // namespace db
