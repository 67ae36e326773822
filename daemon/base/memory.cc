// SPDX-License-Identifier: Apache-2.0
#include "daemon/base/memory.h"

#include <malloc.h>

#include "absl/synchronization/mutex.h"

namespace capmon {

// Not M_TRIM_THRESHOLD: with it large blocks are mapped anew each time, and capmond comes too late
// to read the files of short-lived containers.
void ShareHeap() { mallopt(M_ARENA_MAX, 1); }

void WatchNoLocks() { absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore); }

void ReturnMemory() { malloc_trim(0); }

}  // namespace capmon
