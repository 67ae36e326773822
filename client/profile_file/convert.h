// SPDX-License-Identifier: Apache-2.0
// Between profiles as capmond answers them and profiles of workloads. Pure.
#pragma once

#include <utility>

#include "capmon/v1/capmon.pb.h"
#include "client/profile_file/workload_profile.h"

namespace capmon {

// The workload that a container belongs to, and its version. Everything that groups containers goes
// through here.
ProfileKey KeyOf(const v1::Profile& profile);

// One instance, from the profile of one container.
std::pair<InstanceKey, InstanceRow> RowOf(const v1::Profile& profile);

struct AnswerOptions {
  bool strict_minimal = false;  // as in GetProfileRequest
  bool assume_unused = false;
};
// The workload's profile in the form of an answer of capmond: all instances as one, without
// evidence.
v1::Profile AnswerFor(const ProfileKey& key, const WorkloadProfile& profile,
                      const AnswerOptions& options);

}  // namespace capmon
