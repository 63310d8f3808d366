// SPDX-License-Identifier: Apache-2.0
#include "admin/commands.h"
#include "admin/commands/archive/looking.h"
#include "compliance/out/bundle.h"

namespace admin {
namespace {

constexpr Parameter parameters[] = {
    {"event", Parameter::Kind::text, true, "its number in the archive, or its id"},
    {"dir", Parameter::Kind::folder, true, "the folder to make; if it is there, it must be empty"},
};

Or<Answer> prove(const Arguments& arguments, const Caller& caller, Context& context) {
  if (caller.channel != "cli")
    return base::fail(
        Refusal{.text = "a proof is made at the command line of the server's machine"});
  auto archive = open_archive(context);
  if (!archive) return base::fail(archive.error());
  const auto event = find_event(**archive, text_or(arguments, "event", ""));
  if (!event) return base::fail(event.error());
  const auto id = (*archive)->id();
  if (!id) return unreadable(**archive);
  const auto keys = context.archive.keys(*id);
  if (!keys) return base::fail(Refusal{.text = keys.error()});
  const auto key = context.archive.signing_key();
  if (!key) return base::fail(Refusal{.text = key.error()});
  const auto folder = text_or(arguments, "dir", "");
  const auto size = compliance::write_bundle(
      **archive, compliance::Signatory{*key, keys->front().name, *keys}, *event, folder);
  if (!size) return base::fail(Refusal{.text = "there is no proof: " + size.error()});
  return Answer{.text = "made " + folder +
                        "; with it goes the key, by another way: `hansard "
                        "archive key` prints it",
                .fields = {{"dir", folder},
                           {"seq", event->seq},
                           {"event", kind_of(event->code)},
                           {"checkpoint_events", *size}},
                .count = 1};
}

}  // namespace

const Command archive_prove{
    .name = "archive prove",
    .help = "writes what proves one event to somebody who has the archive's public key alone",
    .parameters = parameters,
    .slow = true,
    .run = prove};

}  // namespace admin
