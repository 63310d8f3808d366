// SPDX-License-Identifier: Apache-2.0
#include "src/archive/archiving.h"

#include <utility>

#include "db/content.h"
#include "db/stores/archive.h"
#include "src/archive/desk.h"

namespace server {

Archiving::Archiving(std::unique_ptr<compliance::ArchiveStore> store, compliance::ArchiveKeys keys,
                     std::string name)
    : store_(std::move(store)), keys_(std::move(keys)), name_(std::move(name)) {}

base::Result<std::unique_ptr<Archiving>, std::string> Archiving::open(const Config& config,
                                                                      compliance::Outbox& outbox,
                                                                      base::Clock& clock,
                                                                      base::Log& log) {
  auto store = db::open_archive(config.database.archive, config.data_dir);
  if (!store) return base::fail(store.error());
  const auto id = (*store)->id();
  if (!id)
    return base::fail("the archive " + db::shown_url(config.database.archive) +
                      " cannot be read: " + (*store)->last_error());
  auto keys = compliance::load_keys(config.data_dir);
  if (!keys) return base::fail(keys.error());

  std::unique_ptr<Archiving> made(
      new Archiving(*std::move(store), *std::move(keys), archive_name(config, *id)));
  std::vector<compliance::NoteKey> known;
  for (const auto& key : made->keys_.known) known.push_back({made->name_, key});
  const auto& before = made->keys_.before;
  made->sealer_.emplace(compliance::Sealer::Parts{
      .store = *made->store_,
      .clock = clock,
      .log = log,
      .key = made->keys_.current,
      .known = std::move(known),
      .before = before ? &*before : nullptr,
      .rotated =
          [folder = config.data_dir, &log] {
            if (const auto gone = compliance::forget_key_before(folder); !gone)
              log.warn("the key before cannot be removed", {{"reason", gone.error()}});
          },
      .origin = made->name_,
      .file = config.in_data_dir(config.archive.checkpoints)});
  made->archivist_.emplace(outbox, *made->store_, log, &*made->sealer_);
  return made;
}

std::string Archiving::key_text() const {
  return compliance::NoteKey{name_, keys_.current.public_key()}.text();
}

}  // namespace server
