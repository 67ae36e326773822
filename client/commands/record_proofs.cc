// SPDX-License-Identifier: Apache-2.0
#include "client/commands/record_proofs.h"

#include "absl/strings/str_cat.h"
#include "client/base/text.h"
#include "client/minimize/repeated.h"

namespace capmon {
namespace {

constexpr size_t kMostProofBytes = 48 * 1024;  // capmond accepts 64 KiB

std::set<std::string> UsesTried(const std::string& name, const v1::Profile& whole,
                                const TriedUses& tried) {
  const auto& seen = RowAbout(whole, name).uses();
  std::set<std::string> uses(seen.begin(), seen.end());
  if (const auto capability = ParseCapability(name))
    if (const auto more = tried.find(*capability); more != tried.end())
      uses.insert(more->second.begin(), more->second.end());
  return uses;
}

// A use that is left out counts as untried.
void AddUses(const std::set<std::string>& uses, const v1::RecordProofsRequest& request,
             v1::RecordedProof& proof) {
  size_t bytes = request.ByteSizeLong();
  for (const std::string& use : uses) {
    bytes += use.size() + 8;
    if (bytes > kMostProofBytes) return;
    proof.add_uses(use);
  }
}

v1::RecordedProof& AddProof(const std::string& capability, const char* finding,
                            const std::string& reason, v1::RecordProofsRequest& request) {
  v1::RecordedProof& proof = *request.add_proofs();
  proof.set_capability(capability);
  proof.set_finding(finding);
  proof.set_reason(reason);
  return proof;
}

bool DecidesNothing(const v1::Minimization& report) {
  return report.end() == "check-fails" || report.end() == "random" || report.end() == "failed";
}

}  // namespace

void AddTriedUses(const v1::Profile& run, CapabilitySet set, TriedUses& tried) {
  for (const v1::CapabilityVerdict& row : run.capabilities()) {
    const auto capability = ParseCapability(row.capability());
    if (capability && !set.Has(*capability))
      tried[*capability].insert(row.uses().begin(), row.uses().end());
  }
}

v1::RecordProofsRequest ProofsOf(const v1::Minimization& report, const v1::Profile& whole,
                                 const TriedUses& tried) {
  v1::RecordProofsRequest request;
  if (DecidesNothing(report)) return request;
  request.set_digest(report.image_digest());
  request.set_check(report.check());
  request.set_version(report.version());
  *request.mutable_keep() = report.keep();
  for (const v1::MinimizedCapability& row : report.capabilities()) {
    const std::string& name = row.capability();
    const bool replaced = row.finding() == "replaced";
    if (row.finding() == "proven") {
      AddProof(name, "needed", row.reason(), request);
    } else if (row.finding() == "unneeded" || replaced) {
      const std::string reason =
          replaced ? absl::StrCat(ShortName(row.instead()), " is enough instead") : row.reason();
      AddUses(UsesTried(name, whole, tried), request, AddProof(name, "unneeded", reason, request));
      if (replaced)
        AddProof(row.instead(), "needed",
                 absl::StrCat(row.reason(), ", also without ", ShortName(name)), request);
    } else {
      AddProof(name, "undecided", row.reason(), request);
    }
  }
  return request;
}

}  // namespace capmon
