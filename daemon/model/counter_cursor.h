// SPDX-License-Identifier: Apache-2.0
// How far the kernel's counters have been taken in. Pinned counters outlive capmond; with this kept
// beside the evidence, the next one takes in every check once.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "daemon/model/kernel_event.h"

namespace capmon {

struct CounterCursor {
  struct Delivered {
    CheckCounts counts;
    std::string site;  // what the key's address was understood as; may come from a sample

    friend bool operator==(const Delivered&, const Delivered&) = default;
  };

  uint64_t generation = 0;                    // of the pinned programs; 0: nothing is pinned
  std::map<std::string, Delivered> counters;  // by the kernel's key, in hexadecimal
  std::map<std::string, uint64_t> losses;     // by cause
  uint64_t ring_position = 0;                 // all before it was read

  friend bool operator==(const CounterCursor&, const CounterCursor&) = default;
};

// Since the last time: `cursor` holds only what changed.
struct CursorChanges {
  bool whole = false;  // all there is: forget every other counter
  CounterCursor cursor;
  std::vector<std::string> freed;  // counters the kernel has no more
};

}  // namespace capmon
