// SPDX-License-Identifier: Apache-2.0
// Every call with a single answer.
#include <gmock/gmock.h>
#include <pwd.h>
#include <unistd.h>

#include "daemon/api/import.h"
#include "generated/version.h"
#include "tests/api/live_server.h"

namespace capmon {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr Capability kNetRaw = 13, kSysAdmin = 21;

class ServiceTest : public ::testing::Test {
 protected:
  ServiceTest() : stub_(live_.Stub()) { live_.AddContainer(10, 'a', "web"); }

  template <typename Request, typename Response>
  grpc::Status Call(grpc::Status (v1::Capmon::StubInterface::*method)(grpc::ClientContext*,
                                                                      const Request&, Response*),
                    const Request& request, Response* response) {
    grpc::ClientContext call;
    return (stub_.get()->*method)(&call, request, response);
  }

  // Sends the requests as one import, and fewer than announced with `cut_off`.
  grpc::Status Import(std::vector<v1::ImportProfilesRequest> requests,
                      v1::ImportProfilesResponse* response, bool cut_off = false) {
    grpc::ClientContext call;
    const auto writer = stub_->ImportProfiles(&call, response);
    uint32_t rows = cut_off ? 1 : 0;
    for (const v1::ImportProfilesRequest& request : requests)
      rows += static_cast<uint32_t>(request.rows_size());
    if (requests.size() > 1 || cut_off) requests.front().set_rows_in_all(rows);
    for (const v1::ImportProfilesRequest& request : requests)
      if (!writer->Write(request)) break;
    writer->WritesDone();
    return writer->Finish();
  }

  grpc::Status GetProfile(const std::string& reference, v1::Profile* profile,
                          bool include_evidence = false) {
    v1::GetProfileRequest request;
    request.set_container(reference);
    request.set_include_evidence(include_evidence);
    return Call(&v1::Capmon::StubInterface::GetProfile, request, profile);
  }

  LiveServer live_;
  std::unique_ptr<v1::Capmon::StubInterface> stub_;
};

// As capmond names this test's user.
std::string Me() {
  const passwd* const user = ::getpwuid(::getuid());
  const std::string uid = "uid " + std::to_string(::getuid());
  return user == nullptr ? uid : std::string(user->pw_name) + " (" + uid + ")";
}

const v1::CapabilityVerdict* Verdict(const v1::Profile& profile, const std::string& name) {
  for (const v1::CapabilityVerdict& verdict : profile.capabilities())
    if (verdict.capability() == name) return &verdict;
  return nullptr;
}

TEST_F(ServiceTest, ListsContainers) {
  live_.AddContainer(11, 'b', "gone");
  live_.AddChecks(10, kNetRaw, true, 5);
  live_.AddChecks(10, kSysAdmin, false);
  live_.Feed(CgroupRemoved{kStart + 60 * kSecond, 11});

  v1::ListContainersRequest request;
  v1::ListContainersResponse response;
  ASSERT_TRUE(Call(&v1::Capmon::StubInterface::ListContainers, request, &response).ok());
  ASSERT_EQ(response.containers_size(), 1);
  const v1::ContainerSummary& web = response.containers(0);
  EXPECT_EQ(web.container().name(), "web");
  EXPECT_EQ(web.container().kind(), "container");
  EXPECT_FALSE(web.container().has_ended());
  EXPECT_EQ(web.held(), 14u);
  EXPECT_THAT(web.used(), Contains("CAP_NET_RAW"));
  EXPECT_THAT(web.denied(), ElementsAre("CAP_SYS_ADMIN"));
  EXPECT_EQ(web.checks(), 6u);

  request.set_include_ended(true);
  ASSERT_TRUE(Call(&v1::Capmon::StubInterface::ListContainers, request, &response).ok());
  ASSERT_EQ(response.containers_size(), 2);
  EXPECT_EQ(response.containers(1).container().name(), "gone");
  EXPECT_TRUE(response.containers(1).container().has_ended());
}

TEST_F(ServiceTest, GivesAProfile) {
  live_.AddChecks(10, kNetRaw, true, 3);
  v1::Profile profile;
  ASSERT_TRUE(GetProfile("web", &profile).ok());
  EXPECT_EQ(profile.container().id(), ContainerId('a'));
  EXPECT_EQ(profile.container().image(), "nginx:1");
  EXPECT_EQ(profile.container().runtime(), "docker");
  EXPECT_EQ(profile.container().cgroup_path(), "/docker/" + ContainerId('a'));
  EXPECT_EQ(profile.container().cgroup_id(), 10u);
  EXPECT_EQ(profile.confidence().backend(), "replay");
  EXPECT_THAT(profile.confidence().blind_spots(), Contains("nothing is real here"));
  EXPECT_EQ(profile.held().bounding_size(), 14);
  EXPECT_EQ(profile.held().seccomp(), "none");

  const v1::CapabilityVerdict* const raw = Verdict(profile, "CAP_NET_RAW");
  ASSERT_NE(raw, nullptr);
  EXPECT_EQ(raw->verdict(), "review") << "the function is not in the table";
  EXPECT_TRUE(raw->keep());
  EXPECT_TRUE(raw->granted());
  EXPECT_EQ(raw->checks(), 3u);
  EXPECT_THAT(raw->sites(), ElementsAre("a_function_nobody_reviewed"));
  EXPECT_THAT(raw->evidence(), IsEmpty()) << "not requested";
  EXPECT_THAT(profile.recommendation().keep(), ElementsAre("CAP_NET_RAW"));
  EXPECT_EQ(profile.recommendation().remove_size(), 13);
  ASSERT_NE(Verdict(profile, "CAP_MKNOD"), nullptr);
  EXPECT_EQ(Verdict(profile, "CAP_MKNOD")->verdict(), "unused");
}

TEST_F(ServiceTest, AddsTheEvidenceOnRequest) {
  live_.AddChecks(10, kNetRaw, true, 3);
  v1::Profile profile;
  ASSERT_TRUE(GetProfile("web", &profile, true).ok());
  ASSERT_EQ(Verdict(profile, "CAP_NET_RAW")->evidence_size(), 1);
  const v1::Evidence& evidence = Verdict(profile, "CAP_NET_RAW")->evidence(0);
  EXPECT_EQ(evidence.site(), "a_function_nobody_reviewed");
  EXPECT_EQ(evidence.syscall(), "ioctl");
  EXPECT_EQ(evidence.count(), 3u);
  EXPECT_EQ(evidence.phase(), "workload");
  EXPECT_EQ(evidence.pid(), 4242u);
  EXPECT_EQ(evidence.comm(), "ngi\\xffnx") << "not UTF-8, and still answered";
  EXPECT_THAT(evidence.callers(), ElementsAre("vfs_ioctl"));
}

TEST_F(ServiceTest, FindsByIdAndCgroup) {
  for (const std::string& reference :
       {ContainerId('a'), std::string("aaaa"), "docker://" + ContainerId('a'),
        "cgroup:/docker/" + ContainerId('a')}) {
    v1::Profile profile;
    EXPECT_TRUE(GetProfile(reference, &profile).ok()) << reference;
    EXPECT_EQ(profile.container().name(), "web");
  }
}

TEST_F(ServiceTest, SaysWhenAReferenceIsNoGood) {
  live_.AddContainer(11, 'b', "twin");
  live_.AddContainer(12, 'c', "twin");
  v1::Profile profile;
  EXPECT_EQ(GetProfile("nobody", &profile).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(GetProfile("", &profile).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  v1::GetProfileRequest twin;
  twin.set_container("twin");
  twin.set_instance(true);  // the name is also their workload's
  const grpc::Status ambiguous = Call(&v1::Capmon::StubInterface::GetProfile, twin, &profile);
  EXPECT_EQ(ambiguous.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(ambiguous.error_message(), HasSubstr("bbbb"));
  EXPECT_THAT(ambiguous.error_message(), HasSubstr("cccc"));
}

TEST_F(ServiceTest, ExplainsACapabilityHoweverItIsSpelled) {
  live_.AddChecks(10, kNetRaw, true);
  for (const char* name : {"CAP_NET_RAW", "net_raw", "13"}) {
    v1::ExplainRequest request;
    request.set_container("web");
    request.set_capability(name);
    v1::Explanation explanation;
    ASSERT_TRUE(Call(&v1::Capmon::StubInterface::Explain, request, &explanation).ok()) << name;
    EXPECT_EQ(explanation.container().name(), "web");
    EXPECT_EQ(explanation.capability().capability(), "CAP_NET_RAW");
    EXPECT_EQ(explanation.capability().evidence_size(), 1);
    EXPECT_EQ(explanation.confidence().backend(), "replay");
  }
}

TEST_F(ServiceTest, ExplainsACapabilityThatWasNeverChecked) {
  v1::ExplainRequest request;
  request.set_container("web");
  request.set_capability("SYS_BOOT");
  v1::Explanation explanation;
  ASSERT_TRUE(Call(&v1::Capmon::StubInterface::Explain, request, &explanation).ok());
  EXPECT_EQ(explanation.capability().verdict(), "unused");
  EXPECT_FALSE(explanation.capability().granted());
  EXPECT_THAT(explanation.capability().reason(), Not(IsEmpty()));

  request.set_capability("SYS_NONSENSE");
  EXPECT_EQ(Call(&v1::Capmon::StubInterface::Explain, request, &explanation).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(ServiceTest, ReportsItsStatus) {
  live_.Feed(EvidenceLost{kStart + 9 * kSecond, "ring-check", 0, 17});
  live_.SetHealth({false, "out of breath", kStart});
  v1::Status status;
  ASSERT_TRUE(Call(&v1::Capmon::StubInterface::GetStatus, v1::GetStatusRequest(), &status).ok());
  EXPECT_EQ(status.version(), CAPMON_VERSION);
  EXPECT_EQ(status.backend(), "replay");
  EXPECT_EQ(status.kernel(), "6.1.0");
  EXPECT_EQ(status.cgroup_layout(), "v2");
  EXPECT_EQ(status.started().seconds(), kStart / kSecond);
  EXPECT_EQ(status.lost().at("ring-check"), 17u);
  EXPECT_GE(status.counters().at("containers"), 1u);
  ASSERT_EQ(status.layers_size(), 2);
  EXPECT_EQ(status.layers(1).name(), "docker");
  EXPECT_EQ(status.layers(1).state(), "absent");
  EXPECT_EQ(status.layers(1).detail(), "not here");
  EXPECT_FALSE(status.health().serving());
  EXPECT_EQ(status.health().reason(), "out of breath");
  EXPECT_EQ(status.health().last_seen().seconds(), kStart / kSecond);
}

TEST_F(ServiceTest, ForgetsOnRequest) {
  live_.AddChecks(10, kNetRaw, true);
  v1::ResetProfileRequest request;
  v1::ResetProfileResponse response;
  request.set_container("web");
  ASSERT_TRUE(Call(&v1::Capmon::StubInterface::ResetProfile, request, &response).ok());
  v1::Profile profile;
  ASSERT_TRUE(GetProfile("web", &profile).ok());
  // Nothing was seen since, which shows nothing.
  EXPECT_EQ(Verdict(profile, "CAP_NET_RAW")->verdict(), "unknown");
  request.set_container("nobody");
  EXPECT_EQ(Call(&v1::Capmon::StubInterface::ResetProfile, request, &response).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST_F(ServiceTest, TakesABaseline) {
  live_.AddChecks(10, kNetRaw, true);
  v1::SetBaselineRequest request;
  v1::SetBaselineResponse response;
  request.set_container("web");
  ASSERT_TRUE(Call(&v1::Capmon::StubInterface::SetBaseline, request, &response).ok());
  EXPECT_THAT(response.used(), ElementsAre("CAP_NET_RAW"));
  request.set_container("");
  EXPECT_EQ(Call(&v1::Capmon::StubInterface::SetBaseline, request, &response).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(ServiceTest, AnAnswerThatMayBeOldSaysSo) {
  live_.busy = true;
  v1::GetProfileRequest request;
  request.set_container("web");
  v1::Profile profile;
  {
    grpc::ClientContext call;
    ASSERT_TRUE(live_.Stub()->GetProfile(&call, request, &profile).ok());
    EXPECT_TRUE(call.GetServerTrailingMetadata().contains(kStaleAnswer));
  }
  // A change is not reported as done.
  v1::ResetProfileRequest reset;
  v1::ResetProfileResponse done;
  reset.set_container("web");
  EXPECT_EQ(Call(&v1::Capmon::StubInterface::ResetProfile, reset, &done).error_code(),
            grpc::StatusCode::ABORTED);
  live_.busy = false;
  grpc::ClientContext call;
  ASSERT_TRUE(live_.Stub()->GetProfile(&call, request, &profile).ok());
  EXPECT_FALSE(call.GetServerTrailingMetadata().contains(kStaleAnswer));
}

TEST_F(ServiceTest, IsUpToDateBeforeItAnswers) {
  const int before = live_.refreshes;
  v1::Profile profile;
  v1::ListContainersResponse list;
  v1::Status status;
  ASSERT_TRUE(GetProfile("web", &profile).ok());
  ASSERT_TRUE(
      Call(&v1::Capmon::StubInterface::ListContainers, v1::ListContainersRequest(), &list).ok());
  ASSERT_TRUE(Call(&v1::Capmon::StubInterface::GetStatus, v1::GetStatusRequest(), &status).ok());
  EXPECT_EQ(live_.refreshes, before + 3);
  // Reset and baseline refresh first, and return after the change is persisted.
  v1::ResetProfileRequest reset;
  v1::ResetProfileResponse done;
  reset.set_container("web");
  ASSERT_TRUE(Call(&v1::Capmon::StubInterface::ResetProfile, reset, &done).ok());
  EXPECT_EQ(live_.refreshes, before + 5);
}

class WorkloadServiceTest : public ServiceTest {
 protected:
  // Three replicas of which each uses another capability; the last has ended.
  WorkloadServiceTest() {
    const std::pair<char, Capability> replicas[] = {{'b', kNetRaw}, {'c', 0}, {'d', 1}};
    CgroupId cgroup = 20;
    for (const auto& [letter, capability] : replicas) {
      const std::string name = "shop-web-" + std::to_string(cgroup - 19);
      live_.AddContainer(cgroup, letter, name, "compose:shop/web", 'e');
      live_.AddChecks(cgroup++, capability, true);
    }
    live_.Feed(CgroupRemoved{kStart + 30 * kSecond, 22});
  }
  v1::Profile Profile(const std::string& reference, bool instance = false) {
    v1::GetProfileRequest request;
    request.set_container(reference);
    request.set_instance(instance);
    v1::Profile profile;
    const grpc::Status status = Call(&v1::Capmon::StubInterface::GetProfile, request, &profile);
    EXPECT_TRUE(status.ok()) << reference << ": " << status.error_message();
    return profile;
  }
};

TEST_F(WorkloadServiceTest, AWorkloadIsAllItsInstances) {
  const v1::Profile profile = Profile("compose:shop/web");
  EXPECT_EQ(profile.workload().name(), "compose:shop/web");
  EXPECT_EQ(profile.workload().source(), "compose");
  EXPECT_EQ(profile.workload().instances(), 3u);
  EXPECT_EQ(profile.workload().running(), 2u);
  EXPECT_EQ(profile.instances_size(), 3);
  EXPECT_TRUE(profile.instances(2).has_ended());
  EXPECT_EQ(profile.container().name(), "shop-web-2") << "the newest that runs";
  for (const char* name : {"CAP_NET_RAW", "CAP_CHOWN", "CAP_DAC_OVERRIDE"}) {
    ASSERT_NE(Verdict(profile, name), nullptr) << name;
    EXPECT_TRUE(Verdict(profile, name)->keep()) << name;
    EXPECT_EQ(Verdict(profile, name)->instances_used(), 1u) << name;
  }
  EXPECT_EQ(profile.confidence().starts(), 3u);
  EXPECT_FALSE(profile.has_compared_with());

  v1::ExplainRequest request;
  request.set_container("compose:shop/web");
  request.set_capability("DAC_OVERRIDE");
  v1::Explanation explanation;
  ASSERT_TRUE(Call(&v1::Capmon::StubInterface::Explain, request, &explanation).ok());
  EXPECT_EQ(explanation.capability().evidence_size(), 1);
  EXPECT_EQ(explanation.workload().instances(), 3u);
}

TEST_F(WorkloadServiceTest, AnInstanceCanBeAskedForByItself) {
  for (const v1::Profile& profile :
       {Profile("shop-web-1"), Profile(ContainerId('b')), Profile("shop-web-1", true)}) {
    EXPECT_EQ(profile.workload().name(), "compose:shop/web");
    EXPECT_EQ(profile.workload().instances(), 1u);
    EXPECT_EQ(profile.instances_size(), 1);
    EXPECT_THAT(profile.recommendation().keep(), ElementsAre("CAP_NET_RAW"));
  }
  v1::GetProfileRequest request;
  request.set_container("compose:shop/web");
  request.set_instance(true);
  v1::Profile profile;
  EXPECT_EQ(Call(&v1::Capmon::StubInterface::GetProfile, request, &profile).error_code(),
            grpc::StatusCode::FAILED_PRECONDITION);
}

TEST_F(WorkloadServiceTest, TheTimeUntilStableIsTheRequests) {
  v1::GetProfileRequest request;
  request.set_container("shop-web-1");
  request.set_stable_after_seconds(7200);
  v1::Profile profile;
  ASSERT_TRUE(Call(&v1::Capmon::StubInterface::GetProfile, request, &profile).ok());
  EXPECT_THAT(profile.confidence().open_conditions(),
              testing::Contains(testing::HasSubstr("less than 120 m ago")));
}

v1::ImportProfilesRequest ImportOf(const std::string& workload) {
  v1::ImportProfilesRequest request;
  request.set_file("web.yaml");
  v1::ImportedInstance& row = *request.add_rows();
  row.set_workload(workload);
  row.set_instance("5f0c 2026-01-31T12:00:00Z");
  row.set_observed_seconds(7200);
  row.set_starts(1);
  (*row.mutable_needs())["CAP_KILL"] = "required";
  row.add_unknown("CAP_SYS_PTRACE");
  return request;
}

TEST_F(WorkloadServiceTest, ClusterAndNodeAreShown) {
  EXPECT_EQ(Profile("compose:shop/web").workload().cluster(), "here");
  EXPECT_EQ(Profile("compose:shop/web").node(), "node-1");
  v1::Status status;
  ASSERT_TRUE(Call(&v1::Capmon::StubInterface::GetStatus, v1::GetStatusRequest(), &status).ok());
  EXPECT_EQ(status.cluster(), "here");
  EXPECT_EQ(status.node(), "node-1");
}

TEST_F(WorkloadServiceTest, ImportedInstancesAreShownApart) {
  v1::ImportProfilesResponse imported;
  for (int twice = 0; twice < 2; ++twice)
    ASSERT_TRUE(Import({ImportOf("compose:shop/web")}, &imported).ok());
  EXPECT_EQ(imported.rows(), 1u);
  const v1::Profile profile = Profile("compose:shop/web");
  EXPECT_THAT(profile.recommendation().keep(), Contains("CAP_KILL"));
  EXPECT_EQ(profile.workload().instances(), 3u);
  EXPECT_EQ(profile.workload().imported_instances(), 1u);
  ASSERT_EQ(profile.workload().imported_size(), 1);
  EXPECT_EQ(profile.workload().imported(0).file(), "web.yaml");
  EXPECT_EQ(profile.workload().imported(0).by(), Me());
  EXPECT_TRUE(profile.workload().imported(0).has_at());
  EXPECT_THAT(Profile("shop-web-1").recommendation().keep(), Not(Contains("CAP_KILL")))
      << "one instance is what capmond saw of it";

  v1::ResetProfileRequest reset;
  reset.set_container("compose:shop/web");
  reset.set_imported_only(true);
  v1::ResetProfileResponse removed;
  ASSERT_TRUE(Call(&v1::Capmon::StubInterface::ResetProfile, reset, &removed).ok());
  EXPECT_EQ(removed.imported(), 1u);
  EXPECT_THAT(Profile("compose:shop/web").recommendation().keep(), Not(Contains("CAP_KILL")));
  EXPECT_THAT(Profile("compose:shop/web").recommendation().keep(), Contains("CAP_NET_RAW"));
}

TEST_F(WorkloadServiceTest, AWorkloadMayBeKnownOnlyFromAFile) {
  v1::ImportProfilesResponse imported;
  ASSERT_TRUE(Import({ImportOf("shop/deploy/db/postgres")}, &imported).ok());
  const v1::Profile profile = Profile("shop/deploy/db/postgres");
  EXPECT_THAT(profile.recommendation().keep(), ElementsAre("CAP_KILL"));
  EXPECT_THAT(profile.recommendation().unknown(), ElementsAre("CAP_SYS_PTRACE"));
  EXPECT_EQ(profile.container().workload(), "deploy/db");
  EXPECT_EQ(profile.confidence().state(), "learning");
  v1::ListWorkloadsRequest request;
  request.set_include_ended(true);
  v1::ListWorkloadsResponse list;
  ASSERT_TRUE(Call(&v1::Capmon::StubInterface::ListWorkloads, request, &list).ok());
  EXPECT_EQ(list.workloads(list.workloads_size() - 1).workload().name(), "shop/deploy/db/postgres");
  v1::ResetProfileRequest reset;
  reset.set_container("shop/deploy/db/postgres");
  v1::ResetProfileResponse removed;
  ASSERT_TRUE(Call(&v1::Capmon::StubInterface::ResetProfile, reset, &removed).ok());
  EXPECT_EQ(removed.imported(), 1u);
}

TEST_F(WorkloadServiceTest, RejectsHostileImportsInOneSentence) {
  const auto refused = [&](const std::function<void(v1::ImportProfilesRequest&)>& spoil) {
    v1::ImportProfilesRequest request = ImportOf("compose:shop/web");
    spoil(request);
    v1::ImportProfilesResponse response;
    const grpc::Status status = Import({request}, &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(status.error_message().find('\n'), std::string::npos);
    return status.error_message();
  };
  EXPECT_THAT(refused([](auto& r) { r.clear_rows(); }), HasSubstr("imports nothing"));
  EXPECT_THAT(refused([](auto& r) {
                for (int i = 0; i < 64; ++i) *r.add_rows() = r.rows(0);
              }),
              HasSubstr("at most 64"));
  EXPECT_THAT(refused([](auto& r) { r.mutable_rows(0)->set_workload("web"); }),
              HasSubstr("no workload has this name"));
  for (const char* name : {"file:/tmp/web.yaml", "pid:1", "docker://5f0c", "cgroup:/x"})
    EXPECT_THAT(refused([&](auto& r) { r.mutable_rows(0)->set_workload(name); }),
                HasSubstr("no workload has this name"));
  EXPECT_THAT(refused([](auto& r) { r.mutable_rows(0)->set_lost(~uint64_t{0}); }),
              HasSubstr("is more than the 1000000000000"));
  EXPECT_THAT(refused([](auto& r) { r.mutable_rows(0)->set_observed_seconds(int64_t{1} << 62); }),
              HasSubstr("is more than the 1000000000000"));
  EXPECT_THAT(refused([](auto& r) { r.mutable_rows(0)->clear_instance(); }), HasSubstr("no id"));
  EXPECT_THAT(
      refused([](auto& r) { (*r.mutable_rows(0)->mutable_needs())["CAP_KILL"] = "perhaps"; }),
      HasSubstr("no verdict of a need"));
  EXPECT_THAT(
      refused([](auto& r) { (*r.mutable_rows(0)->mutable_needs())["CAP_KILL"] = "unused"; }),
      HasSubstr("no verdict of a need"));
  EXPECT_THAT(refused([](auto& r) { r.mutable_rows(0)->add_denied("EVERYTHING"); }),
              HasSubstr("no capability"));
  EXPECT_THAT(refused([](auto& r) { r.mutable_rows(0)->set_non_root("sure"); }),
              HasSubstr("not safe, unsafe or unknown"));
  EXPECT_THAT(refused([](auto& r) { r.mutable_rows(0)->set_digest(std::string(600, 'x')); }),
              HasSubstr("more than 512 bytes"));
  EXPECT_THAT(refused([](auto& r) { r.mutable_rows(0)->set_observed_seconds(-1); }),
              HasSubstr("negative"));
  EXPECT_THAT(refused([](auto& r) { r.mutable_rows(0)->set_cluster("elsewhere"); }),
              HasSubstr("is of cluster \"elsewhere\", and this capmond is in \"here\""));
}

TEST_F(WorkloadServiceTest, AnImportIsAllOrNothing) {
  std::vector<v1::ImportProfilesRequest> requests;
  for (int i = 0; i < 3; ++i) {
    requests.push_back(ImportOf("compose:shop/web"));
    requests.back().set_file("part " + std::to_string(i));
    for (int row = 0; row < 64; ++row) {
      if (row > 0) *requests.back().add_rows() = requests.back().rows(0);
      requests.back().mutable_rows(row)->set_instance(std::to_string(64 * i + row));
    }
  }
  const auto imported = [&] { return Profile("compose:shop/web").workload().imported_instances(); };
  v1::ImportProfilesResponse response;
  auto spoiled = requests;
  spoiled.back().mutable_rows(63)->set_workload("web");
  EXPECT_EQ(Import(spoiled, &response).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(imported(), 0u) << "a row of the last request was wrong";
  EXPECT_THAT(Import(requests, &response, /*cut_off=*/true).error_message(),
              HasSubstr("only 192 of 193 instances arrived, and nothing was imported"));
  EXPECT_EQ(imported(), 0u);
  auto many = requests;
  many.insert(many.end(), 2, requests.back());
  for (int i = 3; i < 5; ++i)
    for (int row = 0; row < 64; ++row)
      many[static_cast<size_t>(i)].mutable_rows(row)->set_instance(std::to_string(64 * i + row));
  EXPECT_EQ(Import(many, &response).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(imported(), 0u) << "the last 64 had no room";
  ASSERT_TRUE(Import(requests, &response).ok());
  EXPECT_EQ(response.rows(), 192u);
  EXPECT_EQ(imported(), 192u);
}

TEST_F(WorkloadServiceTest, AFileOfAnotherClusterIsImportedOnlyOnRequest) {
  v1::ImportProfilesRequest request = ImportOf("compose:shop/web");
  request.mutable_rows(0)->set_cluster("elsewhere");
  EXPECT_THAT(CheckCluster(request, "here").message(), HasSubstr("--any-cluster"));
  EXPECT_THAT(CheckCluster(request, "").message(), HasSubstr("was started without --cluster"));
  EXPECT_TRUE(CheckCluster(request, "elsewhere").ok());
  request.set_any_cluster(true);
  EXPECT_TRUE(CheckCluster(request, "").ok());
  v1::ImportProfilesResponse response;
  EXPECT_TRUE(Import({request}, &response).ok());
}

TEST_F(WorkloadServiceTest, AnApprovalMakesTheProfileCompleteUntilMoreIsNeeded) {
  v1::ApproveWorkloadRequest approve;
  approve.set_workload("compose:shop/web");
  approve.set_by("alice");  // is not believed
  v1::Baseline baseline;
  ASSERT_TRUE(Call(&v1::Capmon::StubInterface::ApproveWorkload, approve, &baseline).ok());
  EXPECT_EQ(Profile("compose:shop/web").confidence().state(), "complete");
  EXPECT_EQ(Profile("compose:shop/web").confidence().approved_by(), Me());
  v1::ListWorkloadsResponse list;
  ASSERT_TRUE(
      Call(&v1::Capmon::StubInterface::ListWorkloads, v1::ListWorkloadsRequest(), &list).ok());
  bool found = false;
  for (const v1::WorkloadSummary& row : list.workloads())
    if (row.workload().name() == "compose:shop/web")
      found = row.summary().confidence().state() == "complete";
  EXPECT_TRUE(found);
  live_.AddChecks(20, kSysAdmin, true);
  EXPECT_NE(Profile("compose:shop/web").confidence().state(), "complete");
  EXPECT_THAT(Profile("compose:shop/web").confidence().to_complete(),
              Contains(HasSubstr("needs SYS_ADMIN since")));
}

TEST_F(WorkloadServiceTest, ANewImageIsComparedWithTheOneBefore) {
  live_.AddContainer(30, 'f', "shop-web-1", "compose:shop/web", 'a');
  live_.AddChecks(30, kNetRaw, true);
  live_.AddChecks(30, kSysAdmin, true);
  for (const CgroupId ended : {20, 21}) live_.Feed(CgroupRemoved{kStart + 40 * kSecond, ended});
  const v1::Profile profile = Profile("compose:shop/web");
  EXPECT_EQ(profile.workload().digest(), "sha256:" + std::string(64, 'a'));
  EXPECT_THAT(profile.workload().other_digests(), ElementsAre("sha256:" + std::string(64, 'e')));
  EXPECT_EQ(profile.workload().instances(), 1u);
  EXPECT_EQ(profile.compared_with().digest(), "sha256:" + std::string(64, 'e'));
  EXPECT_THAT(profile.compared_with().added(), ElementsAre("CAP_SYS_ADMIN"));
  EXPECT_THAT(profile.compared_with().gone(), ElementsAre("CAP_CHOWN", "CAP_DAC_OVERRIDE"));
}

TEST_F(WorkloadServiceTest, WorkloadsAreListedOnceEach) {
  v1::ListWorkloadsRequest request;
  v1::ListWorkloadsResponse response;
  ASSERT_TRUE(Call(&v1::Capmon::StubInterface::ListWorkloads, request, &response).ok());
  ASSERT_EQ(response.workloads_size(), 2);
  EXPECT_EQ(response.workloads(0).workload().name(), "compose:shop/web");
  EXPECT_EQ(response.workloads(0).workload().instances(), 3u);
  EXPECT_EQ(response.workloads(0).summary().used_size(), 3);
  EXPECT_EQ(response.workloads(1).workload().name(), "docker:web");
  for (const CgroupId ended : {20, 21}) live_.Feed(CgroupRemoved{kStart + 40 * kSecond, ended});
  ASSERT_TRUE(Call(&v1::Capmon::StubInterface::ListWorkloads, request, &response).ok());
  EXPECT_EQ(response.workloads_size(), 1);
  request.set_include_ended(true);
  ASSERT_TRUE(Call(&v1::Capmon::StubInterface::ListWorkloads, request, &response).ok());
  EXPECT_EQ(response.workloads_size(), 2);
}

TEST_F(WorkloadServiceTest, AWorkloadIsApprovedShownAndReset) {
  v1::ApproveWorkloadRequest approve;
  approve.set_workload("compose:shop/web");
  approve.set_by("alice (uid 1000)");  // is not believed
  v1::Baseline baseline;
  ASSERT_TRUE(Call(&v1::Capmon::StubInterface::ApproveWorkload, approve, &baseline).ok());
  EXPECT_TRUE(baseline.approved());
  EXPECT_EQ(baseline.workload(), "compose:shop/web");
  EXPECT_EQ(baseline.by(), Me());
  EXPECT_EQ(baseline.digest(), "sha256:" + std::string(64, 'e'));
  EXPECT_THAT(baseline.used(), ElementsAre("CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_NET_RAW"));
  EXPECT_THAT(baseline.uses(0), HasSubstr("CAP_CHOWN a_function_nobody_reviewed nginx"));

  v1::GetBaselineRequest show;
  show.set_workload("compose:shop/web");
  ASSERT_TRUE(Call(&v1::Capmon::StubInterface::GetBaseline, show, &baseline).ok());
  EXPECT_TRUE(baseline.approved());
  v1::ResetBaselineRequest reset;
  reset.set_workload("compose:shop/web");
  ASSERT_TRUE(Call(&v1::Capmon::StubInterface::ResetBaseline, reset, &baseline).ok());
  EXPECT_FALSE(baseline.approved());
  EXPECT_FALSE(baseline.has_at());

  show.set_workload("web");
  EXPECT_TRUE(Call(&v1::Capmon::StubInterface::GetBaseline, show, &baseline).ok());
  live_.Feed(CgroupMade{kStart, 77, "/docker/" + std::string(64, '7'), false});
  show.set_workload(std::string(64, '7'));
  const grpc::Status status = Call(&v1::Capmon::StubInterface::GetBaseline, show, &baseline);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status.error_message(), HasSubstr("an instance of no workload"));
}

}  // namespace
}  // namespace capmon
