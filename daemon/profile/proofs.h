// SPDX-License-Identifier: Apache-2.0
// How proofs change a judgement. A proof holds for one image. That something is unneeded holds only
// for the uses that were tried, under the conditions they were tried under: evidence of anything
// else withdraws it, and the judgement by the evidence is back. Pure.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>

#include "daemon/profile/proof.h"
#include "daemon/profile/verdict.h"

namespace capmon {

// Returns what is known of a capability after `next` was recorded where `before` was known; nothing
// where it stays as it was. What was found needed must not be lost to a check that demands less:
//   1. A proof of another image takes the place of any.
//   2. One that decides nothing takes the place only of one that decides nothing.
//   3. Needed takes the place of unneeded, whatever the check: in doubt it is kept.
//   4. Needed after needed adds its check to those that failed without it.
//   5. Unneeded takes away the need of its own check, or of one that demands less; while another
//      check needs it, it stays needed. Under other conditions it takes away nothing.
//   6. Unneeded takes the place of unneeded, unless its check demands less.
// A check demands what another does if it is the same command, or if the other is none: then the
// job was only to run. Two commands cannot be compared.
std::optional<Proof> Succeed(const Proof& before, const Proof& next);

// Returns whether `proof` was recorded after `other`; of two of which that is not known, each was.
bool IsLater(const Proof& proof, const Proof& other);

// Why proofs do not hold, by capability.
using Withdrawals = std::map<Capability, std::string>;

// Applies the proofs to the judgement on `instances`: what is proven needed is kept, what is proven
// unneeded is removed, and each row has its proof, with the reason if it is withdrawn. Where these
// are some of the instances of a workload, `elsewhere` is what all of them withdraw. Call last.
void ApplyProofs(const Proofs& proofs, std::span<const Profile> instances,
                 const JudgeOptions& options, Judgement& judgement,
                 const Withdrawals& elsewhere = {});

// Returns what a judgement to which proofs were applied withdraws.
Withdrawals WithdrawnIn(const Judgement& judgement);

}  // namespace capmon
