// SPDX-License-Identifier: Apache-2.0
#include "admin/commands.h"

namespace admin {
namespace {

base::Result<Answer, Refusal> show(const Arguments&, const Caller&, Context& context) {
  Table table{.name = "databases",
              .columns = {"database", "location", "schema", "schema_known", "bytes", "owner"}};
  for (const auto& database : context.databases.look())
    table.rows.push_back({database.name, database.location,
                          static_cast<std::int64_t>(database.schema),
                          static_cast<std::int64_t>(database.schema_known), database.bytes,
                          database.owner.empty() ? "nobody" : database.owner});
  const auto count = static_cast<std::int64_t>(table.rows.size());
  return Answer{.text = "",
                .fields = context.databases.waiting(),
                .tables = {std::move(table)},
                .count = count};
}

}  // namespace

const Command db_status{
    .name = "db status",
    .help = "shows the databases: schema, size, owner, what waits to be written",
    .recorded = false,
    .changes = false,
    .run = show};

}  // namespace admin
