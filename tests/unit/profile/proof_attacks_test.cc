// SPDX-License-Identifier: Apache-2.0
// Ways in which what a container does later makes a proof false. In each the capability is kept.
#include <gtest/gtest.h>

#include "tests/unit/profile/proof_builder.h"

namespace capmon {
namespace {

void ExpectKept(const Profile& later, const std::string& why) {
  SCOPED_TRACE(why);
  const Proofs proofs = {{CAP_CHOWN, Unneeded()}};
  ASSERT_FALSE(With(proofs, {Seen({Chowns(), Pings()})}).recommendation.keep.Has(CAP_CHOWN));
  ExpectWithdrawn(With(proofs, {later}), why);
  ExpectWithdrawn(With(proofs, {Seen({Chowns(), Pings()}), later}), why);
}
Profile Later(const std::vector<Check>& more = {}) {
  std::vector<Check> checks = {Chowns(), Pings()};
  checks.insert(checks.end(), more.begin(), more.end());
  return Seen(checks);
}

TEST(ProofAttacks, AnotherProgram) { ExpectKept(Later({Chowns("install", 3)}), "/bin/install"); }

TEST(ProofAttacks, AnotherFileAtThePathOfATriedProgram) {
  ExpectKept(Later({Chowns("chown", 3)}), "not tried");
}

TEST(ProofAttacks, AnotherNameOfTheFile) {
  Profile later = Later();
  later.binaries[1] = "";
  ExpectKept(later, "not tried");
}

TEST(ProofAttacks, AnOperatorsShell) { ExpectKept(Later({Chowns("sh", 3)}), "/bin/sh"); }

TEST(ProofAttacks, AProgramThatWasDownloaded) {
  Profile later = Later({Chowns("x", 3)});
  later.binaries[3] = "/tmp/chown";
  ExpectKept(later, "/tmp/chown");
}

TEST(ProofAttacks, AnotherUser) {
  Profile later = Later();
  later.held->uid = 1000;
  later.held->effective = {};
  ExpectKept(later, "it was tried with user 0, and has 1000");
}

TEST(ProofAttacks, AnotherKernel) {
  Profile later = Later();
  later.kernel = "7.0.1";
  ExpectKept(later, "it was tried with kernel 6.18, and has 7.0");
  later.kernel = "6.18.9-patched";
  EXPECT_FALSE(With({{CAP_CHOWN, Unneeded()}}, {later}).recommendation.keep.Has(CAP_CHOWN));
}

TEST(ProofAttacks, AnotherCommandLine) {
  Profile later = Later();
  later.container.command = "decaf";
  ExpectKept(later, "another command line");
  later.container.command = "";
  later.entry_arguments = 8;
  ExpectKept(later, "another command line");
  later.entry_arguments = 0;
  ExpectKept(later, "is not known");
}

TEST(ProofAttacks, OtherSurroundings) {
  Profile later = Later();
  later.surroundings["net.ipv4.ping_group_range"] = "1 0";
  ExpectKept(later, "net.ipv4.ping_group_range");
  later.surroundings.clear();
  ExpectKept(later, "net.ipv4.ping_group_range");
}

TEST(ProofAttacks, AnotherImageOfTheSameTag) {
  Profile later = Later();
  later.container.image_digest = "sha256:b";
  ExpectKept(later, "another image");
  later.container.image_digest = "";
  ExpectKept(later, "is not known");
}

TEST(ProofAttacks, LostEvidence) {
  Profile later = Later();
  later.losses["map-full"] = 1;
  ExpectKept(later, "was lost");
}

TEST(ProofAttacks, AProgramWithItsOwnFileCapability) {
  Profile later = Later();
  later.files[8] = {"/bin/tool", true, {CAP_CHOWN}, true};
  ExpectKept(later, "/bin/tool");
}

TEST(ProofAttacks, AListRequestedWithCapset) {
  Profile later = Later();
  later.capset_permitted = {CAP_CHOWN};
  ExpectKept(later, "not tried");
}

TEST(ProofAttacks, TheSamePlaceInAnotherCall) {
  ExpectKept(Later({Granted(CAP_CHOWN, "setattr_prepare", "fchownat").Succeeded().By("chown")}),
             "fchownat");
}

}  // namespace
}  // namespace capmon
