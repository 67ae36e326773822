// SPDX-License-Identifier: Apache-2.0
// Profiles to rows and back.
#pragma once

#include "daemon/monitor.h"
#include "daemon/store/sqlite.h"

namespace capmon {

void WriteChanges(Database& database, const MonitorChanges& changes);
// All there is; `time` of the state as well.
MonitorState ReadState(Database& database);

}  // namespace capmon
