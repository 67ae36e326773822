// SPDX-License-Identifier: Apache-2.0
// Profiles and cursors to rows and back. Failures stick to the database (Database::status).
#pragma once

#include <cstdint>
#include <optional>

#include "daemon/model/counter_cursor.h"
#include "daemon/monitor_changes.h"
#include "daemon/store/sqlite.h"

namespace capmon {

void WriteChanges(Database& database, const MonitorChanges& changes);
// The container and the profile's single numbers, not its evidence.
void WriteContainer(Database& database, const Profile& profile);
// All there is; `time` of the state as well.
MonitorState ReadState(Database& database);

// Forgets the cursors of other generations.
void WriteCursor(Database& database, const CursorChanges& changes);
// Nothing when that generation was never written.
std::optional<CounterCursor> ReadCursor(Database& database, uint64_t generation);

// Single values that belong to no container.
template <typename Value>
void WriteFact(Database& database, const char* name, const Value& value) {
  database.Run("INSERT OR REPLACE INTO facts(name, value) VALUES(?, ?)", name, value);
}

}  // namespace capmon
