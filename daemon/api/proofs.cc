// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/proofs.h"

#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/utf8.h"
#include "daemon/api/put.h"
#include "daemon/profile/use.h"

namespace capmon {
namespace {

constexpr size_t kMostQuoted = 80;  // of what a client wrote

absl::Status WrongProof(const std::string& capability, const std::string& what) {
  return absl::InvalidArgumentError(
      absl::StrCat("record the proof of \"", capability.substr(0, kMostQuoted), "\": ", what));
}

// The digest is compared, so it is not cut.
absl::Status CheckSubject(const v1::RecordProofsRequest& request) {
  if (request.container().empty())
    return absl::InvalidArgumentError("the request names no container");
  if (request.proofs().empty()) return absl::InvalidArgumentError("the request records nothing");
  if (request.digest().empty())
    return absl::InvalidArgumentError(
        "record proofs: the image is not known, and a proof holds for one image");
  if (request.digest().size() > kMaxProofTextBytes)
    return absl::InvalidArgumentError(
        absl::StrCat("record proofs: the digest has more than ", kMaxProofTextBytes, " bytes"));
  return absl::OkStatus();
}

absl::StatusOr<CapabilitySet> KeptBy(const v1::RecordProofsRequest& request) {
  CapabilitySet keep;
  for (const std::string& name : request.keep()) {
    const auto capability = ParseCapability(name);
    if (!capability)
      return absl::InvalidArgumentError(absl::StrCat("record proofs: there is no capability \"",
                                                     name.substr(0, kMostQuoted), "\""));
    keep.Add(*capability);
  }
  return keep;
}

absl::StatusOr<ProofRecorded> ProofIn(const v1::RecordedProof& proof, CapabilitySet keep) {
  const std::string& name = proof.capability();
  const auto capability = ParseCapability(name);
  if (!capability) return WrongProof(name, "there is no capability of this name");
  const auto finding = ParseProofFinding(proof.finding());
  if (!finding)
    return WrongProof(name, absl::StrCat("\"", proof.finding().substr(0, kMostQuoted),
                                         "\" is not needed, unneeded or undecided"));
  if (*finding == ProofFinding::kNeeded && !keep.Has(*capability))
    return WrongProof(name, "it is needed, and the job was done without it");
  if (*finding == ProofFinding::kUnneeded && keep.Has(*capability))
    return WrongProof(name, "it is unneeded, and no run was without it");
  ProofRecorded event;
  event.capability = *capability;
  event.finding = proof.finding();
  event.reason = Utf8Prefix(proof.reason(), kMaxProofTextBytes);
  for (const std::string& use : proof.uses())
    if (event.uses.size() < Proof::kMaxUses && use.size() <= kMaxUseBytes)
      event.uses.push_back(use);
  return event;
}

}  // namespace

absl::StatusOr<std::vector<ProofRecorded>> ProofsIn(const v1::RecordProofsRequest& request) {
  if (absl::Status status = CheckSubject(request); !status.ok()) return status;
  const absl::StatusOr<CapabilitySet> keep = KeptBy(request);
  if (!keep.ok()) return keep.status();
  CapabilitySet seen;
  std::vector<ProofRecorded> events;
  for (const v1::RecordedProof& proof : request.proofs()) {
    absl::StatusOr<ProofRecorded> event = ProofIn(proof, *keep);
    if (!event.ok()) return event.status();
    if (seen.Has(event->capability)) return WrongProof(proof.capability(), "it stands there twice");
    seen.Add(event->capability);
    event->digest = request.digest();
    event->keep = *keep;
    event->check = Utf8Prefix(request.check(), kMaxProofTextBytes);
    event->version = Utf8Prefix(request.version(), kMaxVersionBytes);
    events.push_back(*std::move(event));
  }
  return events;
}

namespace {

// Runs that lost evidence may have made uses that it lacks; those it has were made all the same.
bool RanWithout(Capability capability, const Profile& run, const Conditions& conditions) {
  return run.starts > 0 && run.held && !run.held->bounding.Has(capability) &&
         WhyOtherConditions(conditions, ConditionsOf(run)).empty();
}

}  // namespace

absl::Status KeepSeenUses(std::span<const Profile> runs, ProofRecorded& proof) {
  if (proof.finding != Name(ProofFinding::kUnneeded)) return absl::OkStatus();
  std::set<std::string> seen;
  bool ran = false;
  for (const Profile& run : runs) {
    if (run.container.image_digest != proof.digest ||
        !RanWithout(proof.capability, run, proof.conditions))
      continue;
    ran = true;
    seen.merge(UsesWithout(proof.capability, run));
  }
  std::erase_if(proof.uses, [&](const std::string& use) { return !seen.contains(use); });
  if (ran) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "record the proof of \"", CapabilityName(proof.capability),
      "\": capmond saw no container of this image, started in the same way, run without it"));
}

v1::Proof ToProto(const Proof& proof, const std::string& withdrawn) {
  v1::Proof out;
  out.set_finding(Name(proof.finding));
  out.set_reason(ToUtf8(proof.reason));
  PutTime(proof.at, [&] { return out.mutable_at(); });
  out.set_by(ToUtf8(proof.by));
  out.set_digest(ToUtf8(proof.digest));
  out.set_check(ToUtf8(proof.check));
  out.set_version(ToUtf8(proof.version));
  PutSet(proof.keep, out.mutable_keep());
  out.set_withdrawn(ToUtf8(withdrawn));
  for (const std::string& check : proof.also_needed_by) out.add_also_needed_by(ToUtf8(check));
  for (const auto& [name, value] : proof.conditions)
    (*out.mutable_conditions())[ToUtf8(name)] = ToUtf8(value);
  return out;
}

}  // namespace capmon
