// SPDX-License-Identifier: Apache-2.0
// Converts between profiles of capmond's API and profiles of workloads. Pure.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "capmon/v1/capmon.pb.h"
#include "client/profile_file/workload_profile.h"

namespace capmon {

// Returns the name of a container's workload; its cgroup's for one that belongs to none.
std::string WorkloadOf(const v1::Container& container);
// Returns the workload and version of a container. The only function that groups containers.
ProfileKey KeyOf(const v1::Profile& profile);

// Returns one instance, from the profile of one container.
std::pair<InstanceKey, InstanceRow> RowOf(const v1::Profile& profile);

// Returns what is proven of the workload and not withdrawn, from the same.
std::map<std::string, FiledProof> FiledProofsOf(const v1::Profile& profile);

struct AnswerOptions {
  bool strict_minimal = false;  // as in GetProfileRequest
  bool assume_unused = false;
};
// Returns the workload's profile as an answer of capmond: all instances as one, without evidence.
v1::Profile AnswerFor(const ProfileKey& key, const WorkloadProfile& profile,
                      const AnswerOptions& options);

}  // namespace capmon
