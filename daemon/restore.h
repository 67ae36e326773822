// SPDX-License-Identifier: Apache-2.0
// Continues from what was persisted: each check counts once, and a time without counting is a gap.
#pragma once

#include "daemon/collector/persistent_source.h"
#include "daemon/monitor.h"
#include "daemon/store/sqlite_store.h"

namespace capmon {

// Call before the first Drain. `store` may be null: nothing is restored then, and the source only
// gets the time since which its counters were not read.
void RestoreFrom(SqliteStore* store, Monitor& monitor, PersistentSource& source);

}  // namespace capmon
