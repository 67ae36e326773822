// SPDX-License-Identifier: Apache-2.0
// How a new capmond goes on from what was persisted: each check counts once, and a time in which
// nothing counted is a gap.
#pragma once

#include "daemon/collector/persistent_source.h"
#include "daemon/monitor.h"
#include "daemon/store/sqlite_store.h"

namespace capmon {

// Call before the first Drain. `store` may be null: then nothing is known, and the source is only
// informed since when its counters were not read.
void RestoreFrom(SqliteStore* store, Monitor& monitor, PersistentSource& source);

}  // namespace capmon
