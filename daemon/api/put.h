// SPDX-License-Identifier: Apache-2.0
// Our times and sets into fields of messages.
#pragma once

#include <google/protobuf/repeated_field.h>
#include <google/protobuf/timestamp.pb.h>

#include <cstdint>
#include <string>

#include "daemon/model/capability.h"
#include "daemon/model/kernel_event.h"

namespace capmon {

// An unset time stays unset: it means "never".
template <typename Set>
void PutTime(TimeNs time, Set&& mutable_time) {
  if (time == 0) return;
  google::protobuf::Timestamp* const stamp = mutable_time();
  stamp->set_seconds(time / kSecond);
  stamp->set_nanos(static_cast<int32_t>(time % kSecond));
}

inline void PutSet(CapabilitySet set, google::protobuf::RepeatedPtrField<std::string>* names) {
  for (const Capability capability : set.members()) names->Add(CapabilityName(capability));
}

}  // namespace capmon
