// SPDX-License-Identifier: Apache-2.0
// What trials of workloads proved. Instances come and go; a proof stays, and holds for one image.
#include <algorithm>
#include <utility>

#include "daemon/monitor.h"
#include "daemon/profile/proofs.h"

namespace capmon {
namespace {

Proof ProofOf(const ProofRecorded& event, TimeNs now) {
  Proof proof;
  proof.finding = ParseProofFinding(event.finding).value_or(ProofFinding::kUndecided);
  proof.reason = event.reason;
  proof.digest = event.digest;
  proof.keep = event.keep;
  // Without one of them, the proof is withdrawn as soon as that use is seen. No other finding needs
  // them.
  if (proof.finding == ProofFinding::kUnneeded)
    for (const std::string& use : event.uses)
      if (proof.uses.size() < Proof::kMaxUses) proof.uses.insert(use);
  proof.check = event.check;
  proof.version = event.version;
  proof.by = event.by;
  for (const auto& [name, value] : event.conditions)
    if (proof.conditions.size() < kMaxConditions) proof.conditions.emplace(name, value);
  proof.at = now;
  return proof;
}

// When the last of them was recorded; by the clock only those whose order is not known.
std::pair<uint64_t, TimeNs> NewestOf(const Proofs& proofs) {
  std::pair<uint64_t, TimeNs> newest;
  for (const auto& [capability, proof] : proofs)
    newest = std::max(newest, std::pair(proof.sequence, proof.at));
  return newest;
}

}  // namespace

std::shared_ptr<const Proofs> Monitor::ProofsOf(const std::string& workload) const {
  const auto found = proofs_.find(workload);
  return found == proofs_.end() ? nullptr : found->second;
}

size_t Monitor::CountProofs() const {
  size_t count = 0;
  for (const auto& [workload, proofs] : proofs_) count += proofs->size();
  return count;
}

void Monitor::ForgetProofs(const std::string& workload) {
  const auto found = proofs_.find(workload);
  if (found == proofs_.end()) return;
  for (const auto& [capability, proof] : *found->second)
    book_.NoteProof({workload, capability}, std::nullopt);
  proofs_.erase(found);
}

// Without room, the workload goes of which nothing was proven for the longest time: its evidence
// decides again.
void Monitor::On(const ProofRecorded& recorded) {
  const auto known = ProofsOf(recorded.workload);
  Proofs proofs = known == nullptr ? Proofs() : *known;
  Proof proof = ProofOf(recorded, now_);
  proof.sequence = ++last_proof_;
  if (const auto before = proofs.find(recorded.capability); before != proofs.end()) {
    std::optional<Proof> next = Succeed(before->second, proof);
    if (!next) return;
    proof = *std::move(next);
  }
  book_.NoteProof({recorded.workload, recorded.capability}, proof);
  proofs[recorded.capability] = std::move(proof);
  proofs_[recorded.workload] = std::make_shared<const Proofs>(std::move(proofs));
  while (CountProofs() > kMaxProofs) {
    const std::string oldest = std::ranges::min_element(proofs_, {}, [](const auto& one) {
                                 return NewestOf(*one.second);
                               })->first;
    evicted_proofs_ += proofs_.at(oldest)->size();
    ForgetProofs(oldest);
  }
}

}  // namespace capmon
