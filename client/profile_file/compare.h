// SPDX-License-Identifier: Apache-2.0
// The differences between two sets of profiles. Instances always differ and are not compared. Pure.
#pragma once

#include <string>
#include <vector>

#include "client/profile_file/workload_profile.h"

namespace capmon {

struct Difference {
  enum class Kind { kNew, kGone, kChanged };

  Kind kind = Kind::kChanged;
  std::string subject;  // "NET_RAW", "image", "no_new_privileges", "non_root"
  std::string before;   // "required", "unknown"; "" where there was nothing
  std::string after;
  // The recommendation differs; false for another verdict that keeps the capability as
  // well, or for another image.
  bool decides = true;
};

struct Comparison {
  std::string workload;
  bool only_before = false;  // the other side does not have the workload
  bool only_after = false;
  std::vector<Difference> differences;

  bool equal() const { return !only_before && !only_after && differences.empty(); }
  bool decides() const;
};

enum class Pairing {
  kOnlyOnes,  // if each side has one workload, they are compared whatever their names
  kByName,
};

// Returns one comparison for each workload of either side, by name, with all its versions.
std::vector<Comparison> Compare(const ProfileSet& before, const ProfileSet& after,
                                Pairing pairing = Pairing::kOnlyOnes);

}  // namespace capmon
