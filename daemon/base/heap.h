// SPDX-License-Identifier: Apache-2.0
// Keeps the C library's heap near what is in use: capmond runs for months beside the workloads.
#pragma once

#include <malloc.h>

namespace capmon {

// Called before the first thread exists. By default each of gRPC's threads gets an arena of its
// own, and after the first large block was freed (the kernel's types and symbols, at start), blocks
// of megabytes come from the heap, which then cannot shrink.
inline void BoundHeap() {
  constexpr int kArenas = 2;  // the event loop's, and one that all others share
  constexpr int kLargeBlock = 128 * 1024;
  ::mallopt(M_ARENA_MAX, kArenas);
  ::mallopt(M_MMAP_THRESHOLD, kLargeBlock);
  ::mallopt(M_TRIM_THRESHOLD, kLargeBlock);
}

// Returns free pages to the kernel, also from the middle of the heap.
inline void ReturnFreeMemory() { ::malloc_trim(0); }

}  // namespace capmon
