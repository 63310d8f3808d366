// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "admin/commands.h"
#include "admin/listing.h"

namespace admin {
namespace {

// Opening the databases to write brings them to this program's schema; what is left is to say so.
base::Result<Answer, Refusal> migrate(const Arguments&, const Caller&, Context& context) {
  const auto databases = context.databases.look();
  const auto content = std::find_if(databases.begin(), databases.end(),
                                    [](const DatabaseInfo& d) { return d.name == "content"; });
  if (content == databases.end()) return base::fail(unreadable());
  const std::int64_t before = context.databases.schema_before(), now = content->schema;
  return Answer{.text = before == now
                            ? "the content database has schema " + std::to_string(now) + " already"
                            : "the content database went from schema " + std::to_string(before) +
                                  " to " + std::to_string(now),
                .fields = {{"schema_before", before}, {"schema", now}},
                .count = now - before};
}

}  // namespace

const Command db_migrate{
    .name = "db migrate",
    .help = "brings the content database to this program's schema, as a start of the server would",
    .where = Where::offline,
    .run = migrate};

}  // namespace admin
