// SPDX-License-Identifier: Apache-2.0
// Builds proofs for tests: a workload that changes owners and pings, and what is proven of it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "daemon/profile/judge_several.h"
#include "daemon/profile/proofs.h"
#include "tests/unit/profile/evidence_builder.h"

namespace capmon {

inline constexpr TimeNs kDay = 24LL * 3600 * kSecond;
inline constexpr char kImage[] = "sha256:a";
inline const CapabilitySet kGiven{CAP_CHOWN, CAP_NET_RAW, CAP_KILL};

inline Check Chowns(const std::string& program = "chown", uint32_t exe = 1) {
  return Granted(CAP_CHOWN, "setattr_prepare", "chown").Succeeded().By(program, exe);
}
inline Check Pings() {
  return Granted(CAP_NET_RAW, "inet_create", "socket").Succeeded().By("ping", 2);
}

inline Profile Seen(const std::vector<Check>& checks, const std::string& digest = kImage) {
  Profile profile = Watched(checks, kGiven);
  profile.container.image_digest = digest;
  profile.container.command = "c0ffee";
  profile.entry_arguments = 7;
  profile.kernel = "6.18.3";
  profile.surroundings = {{"net.ipv4.ping_group_range", "0 1"}};
  for (const Check& check : checks)
    profile.binaries[check.evidence().key.exe] = "/bin/" + check.evidence().binary;
  return profile;
}

inline Proof Unneeded(CapabilitySet keep = {CAP_NET_RAW}) {
  Proof proof;
  proof.finding = ProofFinding::kUnneeded;
  proof.reason = "the job was done without it, 3 times";
  proof.digest = kImage;
  proof.keep = keep;
  proof.uses = {"setattr_prepare chown /bin/chown"};
  proof.conditions = ConditionsOf(Seen({}));
  proof.at = 365 * kDay;
  return proof;
}
inline Proof Needed(CapabilitySet keep = {CAP_NET_RAW}) {
  Proof proof = Unneeded(keep);
  proof.finding = ProofFinding::kNeeded;
  proof.reason = "the check failed";
  return proof;
}

inline Judgement With(const Proofs& proofs, const std::vector<Profile>& instances,
                      const JudgeOptions& options = {}) {
  JudgeOptions own = options;
  own.one_image = instances.size() > 1;
  Judgement judgement = Judge(instances, CallSites::BuiltIn(), own);
  ApplyProofs(proofs, instances, own, judgement);
  return judgement;
}

inline void ExpectWithdrawn(const Judgement& judgement, const std::string& why) {
  EXPECT_TRUE(judgement.recommendation.keep.Has(CAP_CHOWN));
  EXPECT_FALSE(judgement.recommendation.remove.Has(CAP_CHOWN));
  EXPECT_TRUE(judgement.recommendation.proven_unneeded.empty());
  const CapabilityVerdict row = RowOf(judgement, CAP_CHOWN);
  EXPECT_TRUE(row.keep);
  ASSERT_TRUE(row.proof.has_value());
  EXPECT_THAT(row.withdrawn, testing::HasSubstr(why));
  EXPECT_THAT(row.reason,
              testing::AllOf(testing::HasSubstr("its proof of 1971-01-01 is withdrawn: "),
                             testing::HasSubstr(row.withdrawn)));
}

}  // namespace capmon
