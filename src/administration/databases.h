// SPDX-License-Identifier: Apache-2.0
// DatabaseFiles: the databases of a configuration, as `db status` shows them.
#pragma once

#include "admin/databases.h"
#include "db/content.h"
#include "src/config/config.h"

namespace server {

class DatabaseFiles final : public admin::Databases {
 public:
  // Both must outlive it. `content`: the opened one; null if this process has opened none.
  DatabaseFiles(const Config& config, db::Content* content) : config_(config), content_(content) {}

  std::vector<admin::DatabaseInfo> look() override;
  std::vector<admin::Field> waiting() override;
  base::Result<Purged, std::string> purge_history(
      std::int64_t room_id, base::Time before,
      const std::function<bool(std::int64_t)>& go_on) override;
  base::Result<std::vector<Copied>, std::string> backup(const std::string& folder,
                                                        const GoOn& go_on) override;
  int schema_before() override { return content_ == nullptr ? 0 : content_->schema_before(); }

 private:
  const Config& config_;
  db::Content* content_;
};

}  // namespace server
