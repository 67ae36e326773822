// SPDX-License-Identifier: Apache-2.0
#include "client/commands/record_proofs.h"

#include "absl/strings/str_cat.h"
#include "client/base/text.h"

namespace capmon {
namespace {

void AddProof(const std::string& capability, const char* finding, const std::string& reason,
              v1::RecordProofsRequest& request) {
  v1::RecordedProof& proof = *request.add_proofs();
  proof.set_capability(capability);
  proof.set_finding(finding);
  proof.set_reason(reason);
}

bool DecidesNothing(const v1::Minimization& report) {
  return report.end() == "check-fails" || report.end() == "random" || report.end() == "failed";
}

}  // namespace

v1::RecordProofsRequest ProofsOf(const v1::Minimization& report) {
  v1::RecordProofsRequest request;
  if (DecidesNothing(report)) return request;
  request.set_digest(report.image_digest());
  request.set_check(report.check());
  request.set_version(report.version());
  *request.mutable_keep() = report.keep();
  for (const v1::MinimizedCapability& row : report.capabilities()) {
    const std::string& name = row.capability();
    if (row.finding() == "proven") {
      AddProof(name, "needed", row.reason(), request);
    } else if (row.finding() == "replaced") {
      AddProof(name, "undecided", absl::StrCat(ShortName(row.instead()), " is enough instead"),
               request);
      AddProof(row.instead(), "needed",
               absl::StrCat(row.reason(), ", also without ", ShortName(name)), request);
    } else {
      AddProof(name, "undecided", row.reason(), request);
    }
  }
  return request;
}

}  // namespace capmon
