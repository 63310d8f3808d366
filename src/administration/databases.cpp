// SPDX-License-Identifier: Apache-2.0
#include "src/administration/databases.h"

#include "src/administration/backup.h"

namespace server {
namespace {

admin::DatabaseInfo info(const char* name, const std::string& url, const db::FileState& state) {
  return {.name = name,
          .location = db::shown_url(url),
          .schema = state.schema,
          .schema_known = state.schema_known,
          .bytes = state.bytes,
          .owner = state.owner};
}

}  // namespace

std::vector<admin::DatabaseInfo> DatabaseFiles::look() {
  const auto& database = config_.database;
  std::vector<admin::DatabaseInfo> all{
      info("content", database.content, db::look_at_content(database.content, config_.data_dir))};
  if (config_.archive.enabled)
    all.push_back(
        info("archive", database.archive, db::look_at_archive(database.archive, config_.data_dir)));
  return all;
}

std::vector<admin::Field> DatabaseFiles::waiting() {
  if (content_ == nullptr) return {};
  const auto number = [](std::uint64_t n) { return static_cast<std::int64_t>(n); };
  std::vector<admin::Field> fields{{"archive_backlog", number(content_->outbox_rows())}};
  const auto writer = content_->writer_stats();
  if (writer.commits == 0) return fields;
  fields.push_back({"events_waiting", number(writer.queued)});
  fields.push_back({"bytes_waiting", number(writer.queued_bytes)});
  fields.push_back({"last_commit_us", number(writer.last_commit_us)});
  fields.push_back({"failed_commits", number(writer.failures)});
  return fields;
}

base::Result<admin::Databases::Purged, std::string> DatabaseFiles::purge_history(
    std::int64_t room_id, base::Time before, const std::function<bool(std::int64_t)>& go_on) {
  const auto purged = content_->purge_history(room_id, before, go_on);
  if (!purged) return base::fail(purged.error());
  return Purged{purged->messages, purged->up_to, purged->complete};
}

base::Result<std::vector<admin::Databases::Copied>, std::string> DatabaseFiles::backup(
    const std::string& folder, const GoOn& go_on) {
  return make_backup(config_, *content_, base::SystemClock().wall(), folder, go_on);
}

}  // namespace server
