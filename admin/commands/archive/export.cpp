// SPDX-License-Identifier: Apache-2.0
#include "compliance/out/export.h"

#include "admin/commands.h"
#include "admin/commands/archive/looking.h"
#include "xmpp/datetime.h"

namespace admin {
namespace {

constexpr Parameter parameters[] = {
    {"dir", Parameter::Kind::folder, true, "the folder to make; if it is there, it must be empty"},
    {"room", Parameter::Kind::text, false, "only of this room, name@service, or its id, r-…"},
    {"from", Parameter::Kind::text, false,
     "from this time on: 2026-11-25T08:00:00Z, or a day, 2026-11-25 (UTC)"},
    {"to", Parameter::Kind::text, false, "up to this time, which is not in it"},
    {"first", Parameter::Kind::integer, false, "from this number of the archive on"},
    {"last", Parameter::Kind::integer, false, "up to this number, which is in it"},
};

struct Range {
  std::int64_t first = 0, last = -1;
};

Or<std::optional<base::Time>> time_of(const Arguments& arguments, std::string_view name) {
  std::string text = text_or(arguments, name, "");
  if (text.empty()) return std::optional<base::Time>();
  constexpr std::size_t day_alone = 10;
  if (text.size() == day_alone) text += "T00:00:00Z";
  const auto time = xmpp::parse_datetime(text);
  if (!time)
    return base::fail(Refusal{.kind = Refusal::Kind::usage,
                              .text = "--" + std::string(name) +
                                      " is no time; write 2026-11-25T08:00:00Z, or a day, "
                                      "2026-11-25 (UTC)"});
  return time;
}

// The smallest range of numbers with everything of that time, as far as it is under a checkpoint.
Or<Range> range_of(const Arguments& arguments, compliance::ArchiveReader& archive,
                   std::int64_t sealed) {
  const auto from = time_of(arguments, "from"), to = time_of(arguments, "to");
  if (!from) return base::fail(from.error());
  if (!to) return base::fail(to.error());
  Range range{integer_or(arguments, "first", 0), integer_or(arguments, "last", sealed - 1)};
  if (range.last >= sealed)
    return base::fail(Refusal{.text = "event " + std::to_string(range.last) +
                                      " is not under a checkpoint yet; the last one that is has "
                                      "number " +
                                      std::to_string(sealed - 1)});
  if (*from) {
    const auto first = archive.first_at((*from)->us);
    if (!first) return unreadable(archive);
    range.first = std::max(range.first, first->value_or(sealed));
  }
  if (*to) {
    const auto last = archive.last_before((*to)->us);
    if (!last) return unreadable(archive);
    range.last = std::min(range.last, last->value_or(-1));
  }
  range.first = std::min(range.first, sealed);
  range.last = std::max(range.last, range.first - 1);
  return range;
}

Or<std::int64_t> sealed_size(compliance::ArchiveReader& archive) {
  const auto last = compliance::last_checkpoint(archive);
  if (!last) return unreadable(archive);
  return *last ? (*last)->size : 0;
}

Or<Answer> run_export(const Arguments& arguments, const Caller& caller, Context& context) {
  if (caller.channel != "cli")
    return base::fail(
        Refusal{.text = "an export is made at the command line of the server's machine"});
  auto archive = open_whole_archive(context);
  if (!archive) return base::fail(archive.error());
  auto manifests = context.archive.manifests();
  if (!manifests) return base::fail(Refusal{.text = manifests.error()});
  const auto id = (*archive)->id();
  if (!id) return unreadable(**archive);
  auto keys = context.archive.keys(*id);
  if (!keys) return base::fail(Refusal{.text = keys.error()});
  const auto key = context.archive.signing_key();
  if (!key) return base::fail(Refusal{.text = key.error()});

  compliance::ExportRequest request;
  if (const auto room = text_or(arguments, "room", ""); !room.empty()) {
    const auto found = find_room(**archive, room);
    if (!found) return base::fail(found.error());
    request.room_id = *found;
  }
  const auto sealed = sealed_size(**archive);
  if (!sealed) return base::fail(sealed.error());
  const auto range = range_of(arguments, **archive, *sealed);
  if (!range) return base::fail(range.error());
  request.first = range->first;
  request.last = range->last;

  const auto folder = text_or(arguments, "dir", "");
  const compliance::Signatory signatory{*key, keys->front().name, *keys};
  const auto done = compliance::write_export(
      **archive, **manifests, signatory, request, folder, [&](std::int64_t at, std::int64_t total) {
        if (caller.progress)
          caller.progress(static_cast<std::size_t>(at), static_cast<std::size_t>(total));
        return !context.is_stopping();
      });
  if (!done) return base::fail(Refusal{.text = "there is no export: " + done.error()});
  return Answer{.text = "made " + folder + ", export number " + std::to_string(done->number) +
                        (done->again ? ", the same as when it was made first" : ""),
                .fields = {{"dir", folder},
                           {"number", done->number},
                           {"events", done->events},
                           {"first", request.first},
                           {"last", request.last},
                           {"manifest_sha256", done->sha256}},
                .count = done->events};
}

}  // namespace

const Command archive_export{
    .name = "archive export",
    .help = "writes events as JSON lines, with what proves that they are all and unchanged",
    .parameters = parameters,
    .slow = true,
    .run = run_export};

}  // namespace admin
