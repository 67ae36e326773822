// SPDX-License-Identifier: Apache-2.0
#include "daemon/restore.h"

#include <algorithm>
#include <set>
#include <utility>

#include "daemon/base/wall_clock.h"

namespace capmon {
namespace {

// Gives each adopted generation its cursor. Returns the time since which checks were counted
// without a break.
TimeNs ResumeCounters(SqliteStore& store, const MonitorState& state, PersistentSource& source) {
  TimeNs counted_from = WallClock();
  for (const PersistentSource::PredecessorState& earlier : source.Predecessors()) {
    const auto cursor = store.CursorOf(earlier.generation);
    if (cursor.ok() && *cursor) {
      source.Resume(**cursor);
      counted_from = std::min(counted_from, state.time);  // its counting was never interrupted
    } else if (!state.profiles.empty() && earlier.made < state.time) {
      // Another capmond wrote since, so its cursor is not known: skips it rather than count twice.
      source.PassOver(earlier.generation);
    } else {
      counted_from = std::min(counted_from, earlier.made);
    }
  }
  return counted_from;
}

}  // namespace

void RestoreFrom(SqliteStore* store, Monitor& monitor, PersistentSource& source) {
  const TimeNs now = WallClock();
  TimeNs unread_since = now;
  for (const PersistentSource::PredecessorState& earlier : source.Predecessors())
    unread_since = std::min(unread_since, earlier.made);
  source.UnreadSince(unread_since);
  if (store == nullptr) return;
  MonitorState state = store->DrainLoaded();
  const bool known = !state.profiles.empty();
  const TimeNs counted_from = ResumeCounters(*store, state, source);
  std::set<CgroupId> cgroups;
  for (const auto& [cgroup, place] : state.cgroups) cgroups.insert(cgroup);
  source.Expect(cgroups);
  const TimeNs until = std::min(state.time, now);
  if (known) source.UnreadSince(until);
  monitor.Restore(std::move(state));
  if (!known || (source.unbroken() && counted_from <= until)) return;
  const TimeNs to = source.unbroken() ? counted_from : now;
  monitor.NoteGap({until, to,
                   source.remarks().empty() ? "capmond did not run"
                                            : "an earlier capmond's counters could not be read"});
}

}  // namespace capmon
