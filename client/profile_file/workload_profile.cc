// SPDX-License-Identifier: Apache-2.0
#include "client/profile_file/workload_profile.h"

namespace capmon {

void MergeInto(WorkloadProfile& into, const WorkloadProfile& from) {
  into.declared.insert(from.declared.begin(), from.declared.end());
  for (const auto& [key, row] : from.rows) {
    const auto [mine, added] = into.rows.try_emplace(key, row);
    // `observed` is the first field that is compared.
    if (!added && mine->second < row) mine->second = row;
  }
}

void MergeInto(ProfileSet& into, const ProfileSet& from) {
  for (const auto& [key, profile] : from) MergeInto(into[key], profile);
}

}  // namespace capmon
