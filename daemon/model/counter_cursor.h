// SPDX-License-Identifier: Apache-2.0
// The cursor: how much of each kernel counter is in the evidence. Pinned counters outlive capmond;
// with the cursor beside the evidence the next capmond counts each check once.
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
    std::string site;  // the name of the key's address; may come from a sample

    friend bool operator==(const Delivered&, const Delivered&) = default;
  };

  uint64_t generation = 0;                    // of the pinned programs; 0: nothing is pinned
  std::map<std::string, Delivered> counters;  // by the kernel's key, in hexadecimal
  std::map<std::string, uint64_t> losses;     // by cause
  uint64_t ring_position = 0;                 // records before it are in the evidence

  friend bool operator==(const CounterCursor&, const CounterCursor&) = default;
};

// Changes since the last call: `cursor` has only what changed.
struct CursorChanges {
  bool whole = false;  // `cursor` is complete: delete every other counter
  CounterCursor cursor;
  std::vector<std::string> freed;  // counters that the kernel has freed
};

}  // namespace capmon
