// SPDX-License-Identifier: Apache-2.0
// What clients record of trials, and what the answers have of it.
#include "daemon/api/proofs.h"

#include <gmock/gmock.h>

#include "tests/api/live_server.h"

namespace capmon {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr Capability kChown = 0, kNetRaw = 13;

class ProofsTest : public ::testing::Test {
 protected:
  ProofsTest() : stub_(live_.Stub()) {
    live_.AddContainer(10, 'a', "web", "", 'e');
    live_.AddChecks(10, kChown, true);
    live_.AddChecks(10, kNetRaw, true);
  }

  v1::Profile Profile(const std::string& reference) {
    v1::GetProfileRequest request;
    request.set_container(reference);
    request.set_include_evidence(true);
    grpc::ClientContext call;
    v1::Profile profile;
    const grpc::Status status = stub_->GetProfile(&call, request, &profile);
    EXPECT_TRUE(status.ok()) << reference << ": " << status.error_message();
    return profile;
  }
  static v1::CapabilityVerdict Row(const v1::Profile& profile, const std::string& capability) {
    for (const v1::CapabilityVerdict& row : profile.capabilities())
      if (row.capability() == capability) return row;
    return {};
  }
  // The job of `web` is done with NET_RAW and without CHOWN.
  v1::RecordProofsRequest Request() {
    v1::RecordProofsRequest request;
    request.set_container(ContainerId('a'));
    request.set_digest("sha256:" + std::string(64, 'e'));
    request.set_check("curl x");
    request.set_version("1.0");
    request.add_keep("CAP_NET_RAW");
    v1::RecordedProof& needed = *request.add_proofs();
    needed.set_capability("CAP_NET_RAW");
    needed.set_finding("needed");
    needed.set_reason("the check failed");
    v1::RecordedProof& unneeded = *request.add_proofs();
    unneeded.set_capability("CAP_CHOWN");
    unneeded.set_finding("unneeded");
    unneeded.set_reason("the job was done without it");
    *unneeded.mutable_uses() = Row(Profile("web"), "CAP_CHOWN").uses();
    return request;
  }
  grpc::Status Record(const v1::RecordProofsRequest& request,
                      v1::RecordProofsResponse* response = nullptr) {
    grpc::ClientContext call;
    v1::RecordProofsResponse ignored;
    return stub_->RecordProofs(&call, request, response == nullptr ? &ignored : response);
  }

  LiveServer live_;
  std::unique_ptr<v1::Capmon::StubInterface> stub_;
};

TEST_F(ProofsTest, WhatIsRecordedIsInEveryAnswer) {
  EXPECT_THAT(Profile("web").recommendation().keep(), Contains("CAP_CHOWN"));
  v1::RecordProofsResponse response;
  const grpc::Status recorded = Record(Request(), &response);
  ASSERT_TRUE(recorded.ok()) << recorded.error_message();
  EXPECT_EQ(response.workload(), "docker:web");
  for (const char* reference : {"web", "docker:web"}) {
    const v1::Profile profile = Profile(reference);
    EXPECT_THAT(profile.recommendation().keep(), testing::ElementsAre("CAP_NET_RAW"));
    EXPECT_THAT(profile.recommendation().remove(), Contains("CAP_CHOWN"));
    EXPECT_THAT(profile.recommendation().proven_unneeded(), testing::ElementsAre("CAP_CHOWN"));
    const v1::Proof proof = Row(profile, "CAP_CHOWN").proof();
    EXPECT_EQ(proof.finding(), "unneeded");
    EXPECT_EQ(proof.reason(), "the job was done without it");
    EXPECT_EQ(proof.check(), "curl x");
    EXPECT_EQ(proof.version(), "1.0");
    EXPECT_EQ(proof.withdrawn(), "");
    EXPECT_THAT(proof.by(), HasSubstr("uid "));
    EXPECT_TRUE(proof.has_at());
    EXPECT_EQ(Row(profile, "CAP_NET_RAW").proof().finding(), "needed");
  }
  grpc::ClientContext call, other;
  v1::ListContainersResponse containers;
  ASSERT_TRUE(stub_->ListContainers(&call, {}, &containers).ok());
  EXPECT_THAT(containers.containers(0).used(), Not(Contains("CAP_CHOWN")));
  v1::ListWorkloadsResponse workloads;
  ASSERT_TRUE(stub_->ListWorkloads(&other, {}, &workloads).ok());
  EXPECT_THAT(workloads.workloads(0).summary().used(), Not(Contains("CAP_CHOWN")));
}

TEST_F(ProofsTest, ANewInstanceOfTheImageHasThem) {
  ASSERT_TRUE(Record(Request()).ok());
  live_.EndContainer(10);
  live_.AddContainer(11, 'b', "web", "", 'e');
  live_.AddChecks(11, kChown, true);
  live_.AddChecks(11, kNetRaw, true);
  const v1::Profile profile = Profile(ContainerId('b'));
  EXPECT_EQ(Row(profile, "CAP_CHOWN").proof().withdrawn(), "");
  EXPECT_THAT(profile.recommendation().keep(), testing::ElementsAre("CAP_NET_RAW"));
}

TEST_F(ProofsTest, ANewImageWithdrawsThem) {
  ASSERT_TRUE(Record(Request()).ok());
  live_.EndContainer(10);
  live_.AddContainer(11, 'b', "web", "", 'f');
  live_.AddChecks(11, kChown, true);
  live_.AddChecks(11, kNetRaw, true);
  const v1::Profile profile = Profile("docker:web");
  EXPECT_THAT(Row(profile, "CAP_CHOWN").proof().withdrawn(), HasSubstr("another image, sha256:ee"));
  EXPECT_THAT(profile.recommendation().keep(), Contains("CAP_CHOWN"));
  EXPECT_THAT(profile.recommendation().proven_unneeded(), IsEmpty());
  EXPECT_EQ(Row(Profile(ContainerId('a')), "CAP_CHOWN").proof().withdrawn(), "") << "of its image";
}

TEST_F(ProofsTest, AResetDeletesThem) {
  ASSERT_TRUE(Record(Request()).ok());
  grpc::ClientContext call;
  v1::ResetProfileRequest reset;
  reset.set_container("web");
  v1::ResetProfileResponse done;
  ASSERT_TRUE(stub_->ResetProfile(&call, reset, &done).ok());
  live_.AddChecks(10, kChown, true);
  const v1::Profile profile = Profile("web");
  EXPECT_FALSE(Row(profile, "CAP_CHOWN").has_proof());
  EXPECT_THAT(profile.recommendation().keep(), Contains("CAP_CHOWN"));
}

TEST_F(ProofsTest, RejectsWhatCannotBeAProofInOneSentence) {
  const auto refused = [&](const std::function<void(v1::RecordProofsRequest&)>& spoil) {
    v1::RecordProofsRequest request = Request();
    spoil(request);
    const grpc::Status status = Record(request);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << status.error_message();
    return status.error_message();
  };
  EXPECT_THAT(refused([](auto& r) { r.clear_container(); }), HasSubstr("names no container"));
  EXPECT_THAT(refused([](auto& r) { r.clear_digest(); }), HasSubstr("the image is not known"));
  EXPECT_THAT(refused([](auto& r) { r.set_digest(std::string(513, 'a')); }),
              HasSubstr("512 bytes"));
  EXPECT_THAT(refused([](auto& r) { r.clear_proofs(); }), HasSubstr("records nothing"));
  EXPECT_THAT(refused([](auto& r) { r.add_keep("CAP_NET_ROW"); }), HasSubstr("\"CAP_NET_ROW\""));
  EXPECT_THAT(refused([](auto& r) { r.add_keep("CAP_CHOWN"); }),
              HasSubstr("no run was without it"));
  EXPECT_THAT(refused([](auto& r) { r.clear_keep(); }), HasSubstr("was done without it"));
  EXPECT_THAT(refused([](auto& r) { r.mutable_proofs(0)->set_finding("maybe"); }),
              HasSubstr("\"maybe\" is not needed, unneeded or undecided"));
  EXPECT_THAT(refused([](auto& r) { r.mutable_proofs(0)->set_capability("CAP_X"); }),
              HasSubstr("\"CAP_X\""));
  EXPECT_THAT(refused([](auto& r) { *r.add_proofs() = r.proofs(0); }), HasSubstr("twice"));
  v1::RecordProofsRequest nowhere = Request();
  nowhere.set_container("nowhere");
  EXPECT_EQ(Record(nowhere).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_FALSE(Row(Profile("web"), "CAP_CHOWN").has_proof()) << "nothing was recorded";
}

TEST(ProofsIn, TextsAndListsAreBounded) {
  v1::RecordProofsRequest request;
  request.set_container("web");
  request.set_digest("sha256:a");
  request.set_check(std::string(511, 'x') + "ü");
  request.set_version(std::string(100, '1'));
  v1::RecordedProof& proof = *request.add_proofs();
  proof.set_capability("CAP_CHOWN");
  proof.set_finding("unneeded");
  proof.set_reason(std::string(1000, 'y'));
  proof.add_uses(std::string(257, 'z'));
  for (int i = 0; i < 100; ++i) proof.add_uses("use " + std::to_string(i));
  const auto events = ProofsIn(request);
  ASSERT_TRUE(events.ok()) << events.status();
  ASSERT_EQ(events->size(), 1u);
  const ProofRecorded& event = events->front();
  EXPECT_EQ(event.check, std::string(511, 'x')) << "not half of a character";
  EXPECT_EQ(event.version.size(), kMaxVersionBytes);
  EXPECT_EQ(event.reason.size(), kMaxProofTextBytes);
  EXPECT_EQ(event.uses.size(), Proof::kMaxUses);
  EXPECT_EQ(event.uses.front(), "use 0") << "a long one is left out, not cut";
}

}  // namespace
}  // namespace capmon
