// SPDX-License-Identifier: Apache-2.0
#include "admin/commands.h"

namespace admin {
namespace {

constexpr Parameter parameters[] = {
    {"dir", Parameter::Kind::folder, true, "the folder to make; if it is there, it must be empty"},
};

base::Result<Answer, Refusal> backup(const Arguments& arguments, const Caller& caller,
                                     Context& context) {
  // Who administers over XMPP need not be one who may write files on this machine.
  if (caller.channel != "cli")
    return base::fail(
        Refusal{.text = "a backup is made at the command line of the server's machine"});
  const auto folder = text_or(arguments, "dir", "");
  std::int64_t shown = -1;
  const auto copied = context.databases.backup(folder, [&](std::int64_t done, std::int64_t total) {
    const std::int64_t step = total > 0 ? done * 100 / total : -1;
    if (caller.progress && step > shown && done >= 0) {
      shown = step;
      caller.progress(static_cast<std::size_t>(done), static_cast<std::size_t>(total));
    }
    return !context.is_stopping();
  });
  if (!copied)
    return base::fail(Refusal{.text = context.is_stopping()
                                          ? "the server is stopping; there is no backup"
                                          : "there is no backup: " + copied.error()});
  Table table{.name = "files", .columns = {"file", "bytes", "schema", "sha256"}};
  for (const auto& file : *copied)
    table.rows.push_back(
        {file.file, file.bytes, static_cast<std::int64_t>(file.schema), file.sha256});
  const auto count = static_cast<std::int64_t>(table.rows.size());
  return Answer{.text = "made " + folder,
                .fields = {{"dir", folder}},
                .tables = {std::move(table)},
                .count = count};
}

}  // namespace

const Command db_backup{
    .name = "db backup",
    .help = "copies the databases, secrets included, as they are at one moment, whoever writes",
    .parameters = parameters,
    .slow = true,
    .run = backup};

}  // namespace admin
