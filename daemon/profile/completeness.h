// SPDX-License-Identifier: Apache-2.0
// Whether a profile is complete: by evidence of several starts and an end, or by a person's word.
// Pure; computed from the evidence for each request, so that new evidence withdraws it at once.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "daemon/profile/verdict.h"

namespace capmon {

// What a person approved: the capabilities that an image needed then.
struct ApprovedNeeds {
  std::string by;
  TimeNs at = 0;
  std::string digest;  // of the image then
  // Kept or missed then; nothing if it was approved before capmond stored this.
  std::optional<CapabilitySet> needed;

  friend bool operator==(const ApprovedNeeds&, const ApprovedNeeds&) = default;
};

// Names what is missing until the profile is complete, and makes a stable one complete if nothing
// is. `judgement` is the judgement on `profiles`.
void AssessCompleteness(std::span<const Profile> profiles, const CallSites& sites,
                        const JudgeOptions& options, Judgement& judgement);

// Returns the capabilities to keep, and those whose lack made calls fail.
CapabilitySet NeededBy(const Judgement& judgement);

// Makes the profile of this image complete by a person's word, unless more is needed since, or an
// instance of an unknown image was started since. `judgement` is that on `instances` in which
// nothing is assumed to be unused or given up, whatever the request asks for.
void ApplyApproval(const ApprovedNeeds& approved, const std::string& digest,
                   std::span<const Profile> instances, const Judgement& judgement,
                   Confidence& confidence);

}  // namespace capmon
