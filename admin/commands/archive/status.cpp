// SPDX-License-Identifier: Apache-2.0
#include "admin/commands.h"
#include "admin/commands/archive/looking.h"

namespace admin {
namespace {

Or<Answer> archive_state(const Arguments&, const Caller&, Context& context) {
  auto archive = open_archive(context);
  if (!archive) return base::fail(archive.error());
  const auto id = (*archive)->id();
  const auto size = id ? (*archive)->size() : base::fail(compliance::StoreError::unavailable);
  const auto heads = size ? (*archive)->heads() : base::fail(compliance::StoreError::unavailable);
  if (!heads) return unreadable(**archive);
  const auto last = compliance::last_checkpoint(**archive);
  if (!last) return unreadable(**archive);

  Answer answer{.fields = {{"archive", context.archive.location()},
                           {"id", *id},
                           {"events", *size},
                           {"sources", static_cast<std::int64_t>(heads->size())}}};
  if (*last) {
    answer.fields.push_back({"checkpoint_events", (*last)->size});
    answer.fields.push_back({"checkpoint_at", when((*last)->issued_us)});
  }
  answer.fields.push_back({"without_checkpoint", *size - (*last ? (*last)->size : 0)});
  answer.fields.push_back({"published_in", context.archive.published()});
  for (auto& field : context.archive.state()) answer.fields.push_back(std::move(field));
  for (auto& field : context.databases.waiting()) answer.fields.push_back(std::move(field));
  return answer;
}

}  // namespace

const Command archive_status{
    .name = "archive status",
    .help = "shows how far the archive and its checkpoints are, and what waits for it",
    .recorded = false,
    .changes = false,
    .run = archive_state};

}  // namespace admin
