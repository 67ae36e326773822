// SPDX-License-Identifier: Apache-2.0
// Converts libcap's sets.
#pragma once

#include <sys/capability.h>

#include <memory>
#include <type_traits>

#include "daemon/model/capability.h"

namespace capmon {

struct CapFree {
  void operator()(cap_t capabilities) const { cap_free(capabilities); }
};
using LibcapSets = std::unique_ptr<std::remove_pointer_t<cap_t>, CapFree>;

inline CapabilitySet FlagOf(const LibcapSets& sets, cap_flag_t flag) {
  CapabilitySet result;
  for (int c = 0; c < kMaxCapabilities; ++c) {
    cap_flag_value_t value = CAP_CLEAR;
    if (cap_get_flag(sets.get(), c, flag, &value) == 0 && value == CAP_SET)
      result.Add(static_cast<Capability>(c));
  }
  return result;
}

}  // namespace capmon
