// SPDX-License-Identifier: Apache-2.0
// What the server tells of itself: its name and version (XEP-0092; not the operating system, which
// helps attackers only) and its time (XEP-0202, UTC).
#pragma once

#include "base/time.h"
#include "bridge/router.h"

namespace server {

// Before the shards start. Both must outlive the router's last request.
void tell_about_server(bridge::Router& router, const base::Clock& clock);

}  // namespace server
