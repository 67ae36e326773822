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

  // What `capmon minimize` runs: a copy of `web` without CHOWN, which is denied it.
  void RunTwin(CgroupId cgroup = 50, bool denied = true, char image = 'e') {
    live_.given = DockerDefaults() - CapabilitySet{kChown};
    const char letter = "0123"[cgroup - 50];
    live_.AddContainer(cgroup, letter, "web-capmon-minimize-1", "", image);
    if (denied) live_.AddChecks(cgroup, kChown, false);
    live_.EndContainer(cgroup);
    live_.given = DockerDefaults();
  }
  // Another use of CHOWN than AddChecks() makes.
  void UseOtherwise(CgroupId cgroup) {
    ChecksCounted counted;
    counted.time = kStart + 60 * kSecond;
    counted.key.cgroup = cgroup;
    counted.key.capability = kChown;
    counted.key.granted = true;
    counted.key.traits = kHeld;
    counted.key.exe_origin = ExeOrigin::kOwn;
    counted.key.exe = 7;
    counted.key.site = "setattr_prepare";
    counted.key.syscall = "chown";
    counted.counts.count = counted.counts.succeeded = 1;
    live_.Feed(counted);
  }
  std::vector<v1::ContainerSummary> Listed() {
    grpc::ClientContext call;
    v1::ListContainersResponse containers;
    EXPECT_TRUE(stub_->ListContainers(&call, {}, &containers).ok());
    return {containers.containers().begin(), containers.containers().end()};
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
  RunTwin();
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
    EXPECT_EQ(proof.conditions().at("program"), "/usr/sbin/nginx 00000001");
    EXPECT_TRUE(proof.has_at());
    EXPECT_EQ(Row(profile, "CAP_NET_RAW").proof().finding(), "needed");
  }
  EXPECT_THAT(Listed().at(0).used(), Not(Contains("CAP_CHOWN")));
  grpc::ClientContext other;
  v1::ListWorkloadsResponse workloads;
  ASSERT_TRUE(stub_->ListWorkloads(&other, {}, &workloads).ok());
  EXPECT_THAT(workloads.workloads(0).summary().used(), Not(Contains("CAP_CHOWN")));
}

TEST_F(ProofsTest, ANewInstanceOfTheImageHasThem) {
  RunTwin();
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
  RunTwin();
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
  RunTwin();
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

// One container must not be advised what its workload is not.
TEST_F(ProofsTest, WhatOneInstanceWithdrawsHoldsForNone) {
  RunTwin();
  ASSERT_TRUE(Record(Request()).ok());
  live_.AddContainer(11, 'b', "web", "", 'e');
  live_.AddChecks(11, kNetRaw, true);
  ASSERT_THAT(Profile(ContainerId('a')).recommendation().keep(), Not(Contains("CAP_CHOWN")));
  UseOtherwise(11);
  for (const std::string& reference : {std::string("docker:web"), ContainerId('a')}) {
    const v1::Profile profile = Profile(reference);
    EXPECT_THAT(profile.recommendation().keep(), Contains("CAP_CHOWN")) << reference;
    EXPECT_THAT(Row(profile, "CAP_CHOWN").proof().withdrawn(), HasSubstr("setattr_prepare chown"));
  }
  for (const v1::ContainerSummary& listed : Listed())
    EXPECT_THAT(listed.used(), Contains("CAP_CHOWN")) << listed.container().id();
  grpc::ClientContext call;
  v1::SetBaselineRequest request;
  request.set_container(ContainerId('a'));
  v1::SetBaselineResponse baseline;
  ASSERT_TRUE(stub_->SetBaseline(&call, request, &baseline).ok());
  EXPECT_THAT(baseline.used(), Contains("CAP_CHOWN"));
}

TEST_F(ProofsTest, AnotherCommandLineWithdrawsThem) {
  RunTwin();
  ASSERT_TRUE(Record(Request()).ok());
  live_.EndContainer(10);
  live_.arguments = 2;
  live_.AddContainer(11, 'b', "web", "", 'e');
  live_.AddChecks(11, kChown, true);
  live_.AddChecks(11, kNetRaw, true);
  for (const std::string& reference : {std::string("docker:web"), ContainerId('b')}) {
    const v1::Profile profile = Profile(reference);
    EXPECT_THAT(profile.recommendation().keep(), Contains("CAP_CHOWN")) << reference;
    EXPECT_THAT(Row(profile, "CAP_CHOWN").proof().withdrawn(), HasSubstr("another command line"));
    EXPECT_EQ(Row(profile, "CAP_NET_RAW").proof().withdrawn(), "") << "a need stays";
  }
}

// Leaving out of the answer what was imported must not bring back what it withdraws.
TEST_F(ProofsTest, AnImportedNeedWithdrawsAlsoWhereItIsLeftOut) {
  RunTwin();
  ASSERT_TRUE(Record(Request()).ok());
  RowImported row;
  row.time = kStart;
  row.workload = "docker:web";
  row.digest = "sha256:" + std::string(64, 'e');
  row.instance = "x 2026-01-31T12:00:00Z";
  row.needs = {{"CHOWN", "required"}};
  live_.Feed(row);
  for (const bool without : {false, true}) {
    v1::GetProfileRequest request;
    request.set_container("docker:web");
    request.set_without_imported(without);
    grpc::ClientContext call;
    v1::Profile profile;
    ASSERT_TRUE(stub_->GetProfile(&call, request, &profile).ok());
    EXPECT_THAT(profile.recommendation().keep(), Contains("CAP_CHOWN")) << without;
    EXPECT_THAT(Row(profile, "CAP_CHOWN").proof().withdrawn(), HasSubstr("imported"));
  }
}

TEST_F(ProofsTest, UnneededIsWhatCapmondSawARunWithout) {
  const auto rejected = [&] {
    const grpc::Status status = Record(Request());
    EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
    return status.error_message();
  };
  EXPECT_THAT(rejected(), HasSubstr("saw no container of this image, started in the same way"));
  RunTwin(50, true, 'f');
  EXPECT_THAT(rejected(), HasSubstr("of this image")) << "that was another image";
  live_.arguments = 2;
  RunTwin(51);
  live_.arguments = 1;
  EXPECT_THAT(rejected(), HasSubstr("started in the same way"));
  EXPECT_FALSE(Row(Profile("web"), "CAP_NET_RAW").has_proof()) << "all or nothing";
  RunTwin(52);
  EXPECT_TRUE(Record(Request()).ok());
}

TEST_F(ProofsTest, AUseThatNoRunMadeCountsAsUntried) {
  RunTwin(50, /*denied=*/false);
  ASSERT_TRUE(Record(Request()).ok());
  const v1::Profile profile = Profile("web");
  EXPECT_THAT(Row(profile, "CAP_CHOWN").proof().withdrawn(), HasSubstr("was not tried"));
  EXPECT_THAT(profile.recommendation().keep(), Contains("CAP_CHOWN"));
}

TEST_F(ProofsTest, OnlyOfTheImageThatTheContainerRan) {
  RunTwin();
  v1::RecordProofsRequest request = Request();
  request.set_digest("sha256:" + std::string(64, 'f'));
  const grpc::Status status = Record(request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status.error_message(), HasSubstr("is known to have run the image sha256:ff"));
}

TEST_F(ProofsTest, WhatIsUndecidedMayHaveUsesOrNot) {
  for (const bool uses : {true, false}) {
    v1::RecordProofsRequest request = Request();
    request.mutable_proofs(1)->set_finding("undecided");
    if (!uses) request.mutable_proofs(1)->clear_uses();
    ASSERT_TRUE(Record(request).ok());
    const v1::Profile profile = Profile("web");
    EXPECT_EQ(Row(profile, "CAP_CHOWN").proof().finding(), "undecided");
    EXPECT_THAT(profile.recommendation().keep(), Contains("CAP_CHOWN"));
  }
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
