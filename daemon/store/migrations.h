// SPDX-License-Identifier: Apache-2.0
// The database's versions, and the way from each to the next.
#pragma once

#include "absl/status/status.h"
#include "daemon/store/sqlite.h"

namespace capmon {

// The version this capmond reads and writes: the number of migrations there are.
int SchemaVersion();

// Brings a database to SchemaVersion(), all the way or not at all; an empty one gets its tables the
// same way. DATA_LOSS when it is newer, or is not capmon's.
absl::Status Migrate(Database& database);

}  // namespace capmon
