// SPDX-License-Identifier: Apache-2.0
#include "src/archive/desk.h"

#include "compliance/tree/keys.h"
#include "db/content.h"
#include "db/stores/archive.h"
#include "src/archive/archiving.h"

namespace server {

std::string archive_name(const Config& config, const std::string& archive_id) {
  return config.domain + "/archive/" + archive_id;
}

Desk::Or<std::unique_ptr<compliance::ArchiveReader>> Desk::reader() {
  if (!config_.archive.enabled)
    return base::fail(std::string("the archive is switched off ([archive] enabled)"));
  return db::read_archive(config_.database.archive, config_.data_dir);
}

Desk::Or<std::unique_ptr<compliance::ManifestStore>> Desk::manifests() {
  return db::open_manifests(config_.database.archive, config_.data_dir);
}

Desk::Or<std::vector<compliance::NoteKey>> Desk::keys(const std::string& archive_id) {
  const auto known = compliance::load_public_keys(config_.data_dir);
  if (!known) return base::fail(known.error());
  if (known->empty())
    return base::fail("there is no key in " + config_.data_dir +
                      " yet; the first start of the server makes one");
  std::vector<compliance::NoteKey> keys;
  for (const auto& key : *known) keys.push_back({archive_name(config_, archive_id), key});
  return keys;
}

Desk::Or<base::SigningKey> Desk::signing_key() {
  return base::SigningKey::load(compliance::key_file(config_.data_dir));
}

Desk::Or<std::int64_t> Desk::accept_loss() {
  struct Nothing final : compliance::Outbox {
    base::Result<std::vector<compliance::OutboxRow>, compliance::StoreError> next(
        std::int64_t, std::size_t) override {
      return std::vector<compliance::OutboxRow>();
    }
    base::Result<void, compliance::StoreError> clear(
        std::int64_t, const std::vector<compliance::Positions>&) override {
      return {};
    }
    base::Result<std::int64_t, compliance::StoreError> lost_up_to(const std::string&) override {
      return 0;
    }
    std::int64_t end_of_source(std::int64_t position) const override { return position; }
  } nothing;
  base::SystemClock clock;
  const auto log = base::make_null_log();
  auto archiving = Archiving::open(config_, nothing, clock, *log);
  if (!archiving) return base::fail(archiving.error());
  return (*archiving)->sealer().accept();
}

std::string Desk::location() { return db::shown_url(config_.database.archive); }

std::string Desk::published() { return config_.in_data_dir(config_.archive.checkpoints); }

std::vector<admin::Field> Desk::state() {
  if (archivist_ == nullptr) return {};
  std::vector<admin::Field> fields{
      {"state",
       std::string(archivist_->is_unavailable() ? "cannot be written, trying again" : "copying")},
      {"checkpoints", std::string(name(archivist_->sealing()))}};
  if (archivist_->any_stopped())
    fields.push_back({"stopped", compliance::text(archivist_->stopped())});
  return fields;
}

}  // namespace server
