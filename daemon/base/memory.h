// SPDX-License-Identifier: Apache-2.0
// How much memory stays with the process.
#pragma once

namespace capmon {

// Call before any thread exists: all threads share one heap. With one for each, what an answer took
// and freed stays with the thread that made it: 40 MB after some hundred requests about 500
// containers.
void ShareHeap();

// Call before any thread exists. The library that gRPC locks with watches for deadlocks unless it
// is told not to, as it is built in Debian: with some 500 bytes for each lock, which it never
// returns.
void WatchNoLocks();

// Gives back to the system what was freed, and the code that only the start used. Code that is
// needed after all comes back from the page cache.
void ReturnMemory();

}  // namespace capmon
