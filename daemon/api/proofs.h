// SPDX-License-Identifier: Apache-2.0
// Proofs of clients to events, and proofs to messages.
#pragma once

#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "capmon/v1/capmon.pb.h"
#include "daemon/model/kernel_event.h"
#include "daemon/profile/verdict.h"

namespace capmon {

// Validates what a client records, which may be hostile; the workload and the user are not set.
// INVALID_ARGUMENT, in one sentence, for an image that is not known, unknown names and words, and
// findings that contradict the set. Cuts long texts at the end of a character; leaves out uses
// beyond the limits, since a use that is not there counts as untried.
absl::StatusOr<std::vector<ProofRecorded>> ProofsIn(const v1::RecordProofsRequest& request);

// Of what was found unneeded, leaves out the uses that capmond did not see denied in one of `runs`:
// one of the image and under the conditions of the proof, without the capability.
// FAILED_PRECONDITION if none of them is such a run.
absl::Status KeepSeenUses(std::span<const Profile> runs, ProofRecorded& proof);

v1::Proof ToProto(const Proof& proof, const std::string& withdrawn);

inline constexpr size_t kMaxUseBytes = 256;
inline constexpr size_t kMaxProofTextBytes = 512;
inline constexpr size_t kMaxVersionBytes = 64;

}  // namespace capmon
