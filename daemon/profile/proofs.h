// SPDX-License-Identifier: Apache-2.0
// How proofs change a judgement. A proof holds for one image, and for the uses that were tried:
// evidence of another use withdraws it, and the judgement by the evidence is back. Pure.
#pragma once

#include <span>
#include <string>

#include "daemon/profile/proof.h"
#include "daemon/profile/verdict.h"

namespace capmon {

// Returns whether a proof takes the place of the one before. One that decides nothing does not take
// the place of one that decides about the same image.
bool Replaces(const Proof& proof, const Proof& before);

// Applies the proofs to the judgement on `instances`: what is proven needed is kept, what is proven
// unneeded is removed, and each row has its proof, with the reason if it is withdrawn. Call last.
void ApplyProofs(const Proofs& proofs, std::span<const Profile> instances,
                 const JudgeOptions& options, Judgement& judgement);

}  // namespace capmon
