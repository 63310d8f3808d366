// SPDX-License-Identifier: Apache-2.0
// Administrative commands while no server runs on the data directory: the same commands, on the
// databases opened by this process, with the owner lock held meanwhile.
#pragma once

#include "admin/command.h"
#include "src/config/config.h"

namespace server {

// Makes the data directory if it is missing and the command may come first.
base::Result<admin::Answer, admin::Refusal> run_offline(const Config& config,
                                                        const admin::Command& command,
                                                        const admin::Arguments& arguments,
                                                        const admin::Caller& caller);

}  // namespace server
