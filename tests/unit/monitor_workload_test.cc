// SPDX-License-Identifier: Apache-2.0
// Workloads in the monitor: what evicted instances leave behind, and what is normal for new ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/monitor.h"
#include "daemon/profile/judge_several.h"

namespace capmon {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::SizeIs;

class MonitorWorkloadTest : public testing::Test {
 protected:
  MonitorWorkloadTest() {
    monitor_.OnAlert([this](const Alert& alert) { alerts_.push_back(alert); });
    monitor_.Apply(SourceStarted{kSecond, "tp_btf", "6.18", "v2", false, {}});
  }
  static std::string Id(CgroupId cgroup) {
    std::string id(64, '0');
    const std::string number = std::to_string(cgroup);
    return id.replace(0, number.size(), number);
  }
  // `container`: that of an earlier cgroup, which is started again.
  void Start(CgroupId cgroup, CgroupId container = 0) {
    now_ += kSecond;
    const std::string id = Id(container == 0 ? cgroup : container);
    monitor_.Apply(CgroupMade{now_, cgroup, "/docker/" + id, false});
    ProcessExec exec;
    exec.time = now_;
    exec.cgroup = cgroup;
    exec.path = "/bin/server";
    exec.exe = 7;
    exec.exe_origin = ExeOrigin::kOwn;
    exec.permitted = exec.effective = exec.bounding = CapabilitySet(0xa80425fb);
    monitor_.Apply(exec);
  }
  void Describe(CgroupId cgroup, const std::string& service, const std::string& image = "a") {
    ContainerDescribed described;
    described.time = now_;
    described.source = "docker";
    described.container_id = Id(cgroup);
    described.name = "shop-" + service + "-" + std::to_string(cgroup);
    described.image = "nginx";
    described.image_digest = "sha256:" + image;
    described.workload = "compose:shop/" + service;
    monitor_.Apply(described);
  }
  void Use(CgroupId cgroup, Capability capability) {
    now_ += kSecond;
    ChecksCounted counted;
    counted.time = now_;
    counted.key.cgroup = cgroup;
    counted.key.capability = capability;
    counted.key.granted = true;
    counted.key.traits = kHeld;
    counted.key.exe_origin = ExeOrigin::kOwn;
    counted.key.exe = 7;
    counted.key.site = "somewhere";
    counted.key.syscall = "ioctl";
    counted.counts.count = counted.counts.succeeded = 1;
    monitor_.Apply(counted);
  }
  void End(CgroupId cgroup) {
    now_ += kSecond;
    monitor_.Apply(CgroupRemoved{now_, cgroup});
    Advance();
  }
  void Advance(TimeNs later = kSecond) { monitor_.Apply(Tick{now_ += later}); }
  WorkloadSnapshot Of(const std::string& reference) const {
    auto workload = monitor_.WorkloadOf(reference, false);
    EXPECT_TRUE(workload.ok()) << workload.status();
    return workload.ok() ? *workload : WorkloadSnapshot{};
  }
  static Judgement Judged(const WorkloadSnapshot& workload) {
    std::vector<Profile> instances;
    for (const ProfileSnapshot& instance : workload.versions.front().instances)
      instances.push_back(instance.Joined());
    return Judge(instances, CallSites::BuiltIn(), {.one_image = true});
  }
  static uint64_t Users(const Judgement& judgement, Capability capability) {
    for (const CapabilityVerdict& row : judgement.capabilities)
      if (row.capability == capability) return row.instances_used;
    return 0;
  }

  TimeNs now_ = kSecond;
  Monitor monitor_{CallSites::BuiltIn(),
                   {.baseline_after = 300 * kSecond,
                    .max_containers = 4,
                    .max_folded = 3,
                    .track_changes = true}};
  std::vector<Alert> alerts_;
};

TEST_F(MonitorWorkloadTest, WhatAnEvictedInstanceNeededStaysKnown) {
  for (CgroupId cgroup = 10; cgroup < 20; ++cgroup) {
    Start(cgroup);
    Describe(cgroup, "web");
    Use(cgroup, cgroup == 10 ? 13 : 0);
    End(cgroup);
  }
  EXPECT_THAT(monitor_.Snapshots(), SizeIs(4));
  const WorkloadSnapshot web = Of("compose:shop/web");
  ASSERT_THAT(web.versions, SizeIs(1));
  const Judgement judgement = Judged(web);
  EXPECT_EQ(judgement.instances, 10u);
  EXPECT_EQ(Users(judgement, 13), 1u);
  EXPECT_EQ(Users(judgement, 0), 9u);
  EXPECT_EQ(judgement.recommendation.keep, (CapabilitySet{0, 13}));
  EXPECT_EQ(monitor_.Status().counters.at("folded_profiles"), 1u);
  EXPECT_EQ(monitor_.Status().counters.at("containers"), 4u);
}

TEST_F(MonitorWorkloadTest, AContainerThatWasStartedAgainHasWhatItsFirstLifeNeeded) {
  Start(10);
  Describe(10, "web");
  Use(10, 0);
  End(10);
  Start(11, /*container=*/10);
  Describe(10, "web");
  Use(11, 13);
  Start(12);
  Describe(12, "web");
  Use(12, 21);
  const auto one = monitor_.WorkloadOf(Id(10), /*instance=*/true);
  ASSERT_TRUE(one.ok()) << one.status();
  ASSERT_THAT(one->versions, SizeIs(1));
  EXPECT_THAT(one->versions.front().instances, SizeIs(2));
  const Judgement judgement = Judged(*one);
  EXPECT_EQ(Users(judgement, 0), 1u);
  EXPECT_EQ(Users(judgement, 13), 1u);
  EXPECT_EQ(Users(judgement, 21), 0u) << "another container";
}

TEST_F(MonitorWorkloadTest, WhatWasFoldedOutlivesCapmond) {
  for (CgroupId cgroup = 10; cgroup < 20; ++cgroup) {
    Start(cgroup);
    Describe(cgroup, "web");
    Use(cgroup, cgroup == 10 ? 13 : 0);
    End(cgroup);
  }
  MonitorState state;
  for (const ProfileSnapshot& snapshot : monitor_.Snapshots(/*folded=*/true))
    state.profiles.push_back(snapshot.Joined());
  Monitor next(CallSites::BuiltIn(), {.max_containers = 4});
  next.Restore(state);
  const auto web = next.WorkloadOf("compose:shop/web", false);
  ASSERT_TRUE(web.ok()) << web.status();
  EXPECT_EQ(Judged(*web).instances, 10u);
  EXPECT_EQ(next.Status().counters.at("folded_profiles"), 1u);
}

TEST_F(MonitorWorkloadTest, AWorkloadPushesOutItselfAndNoOther) {
  CgroupId cgroup = 10;
  const auto run = [&](const std::string& service, const std::string& image) {
    Start(cgroup);
    Describe(cgroup, service, image);
    Use(cgroup, 13);
    End(cgroup++);
  };
  run("quiet", "a");
  for (int i = 0; i < 30; ++i) run("busy", std::to_string(i));  // a new image every time
  EXPECT_LE(monitor_.Status().counters.at("folded_profiles"), 3u);
  EXPECT_GT(monitor_.Status().counters.at("evicted_folded_profiles"), 0u);
  EXPECT_EQ(Judged(Of("compose:shop/quiet")).recommendation.keep, CapabilitySet{13});
}

TEST_F(MonitorWorkloadTest, ANewInstanceOfAnApprovedWorkloadIsComparedFromItsStart) {
  Start(10);
  Describe(10, "web");
  Use(10, 0);
  monitor_.Apply(WorkloadApproved{now_, "compose:shop/web", "alice", false});
  EXPECT_EQ(monitor_.ApprovalOf("compose:shop/web")->by, "alice");
  EXPECT_THAT(monitor_.NormalUsesOf("compose:shop/web"), SizeIs(1));
  Start(11);
  Use(11, 0);
  Use(11, 13);  // before its name is known
  EXPECT_THAT(alerts_, IsEmpty());
  Describe(11, "web");
  ASSERT_THAT(alerts_, SizeIs(1));
  EXPECT_EQ(alerts_[0].kind, AlertKind::kNewCapability);
  EXPECT_EQ(alerts_[0].capability, 13);
  EXPECT_EQ(alerts_[0].container.id, Id(11));
  Use(11, 5);
  ASSERT_THAT(alerts_, SizeIs(2)) << "and what it does later";
  EXPECT_EQ(alerts_[1].capability, 5);
}

TEST_F(MonitorWorkloadTest, WithoutApprovalTheFirstMinutesOfANewWorkloadAreNormal) {
  Start(10);
  Describe(10, "web");
  Use(10, 0);
  Start(11);
  Describe(11, "web");
  Use(11, 13);
  EXPECT_THAT(alerts_, IsEmpty());
  Advance(400 * kSecond);  // now it is no longer new
  Start(12);
  Describe(12, "web");
  Use(12, 0);
  Use(12, 13);
  EXPECT_THAT(alerts_, IsEmpty()) << "either was normal for an instance";
  Use(12, 5);
  EXPECT_THAT(alerts_, SizeIs(1));
}

TEST_F(MonitorWorkloadTest, AFullNameMeansTheWorkloadAndAUnitOneUnit) {
  Start(10);
  Describe(10, "web");
  Start(11);
  Describe(11, "web");
  EXPECT_THAT(Of("compose:shop/web").versions.front().instances, SizeIs(2));
  now_ += kSecond;
  monitor_.Apply(CgroupMade{now_, 20, "/system.slice/a.service", false});
  EXPECT_THAT(Of("unit:a.service").versions.front().instances, SizeIs(1));
  EXPECT_THAT(Of("unit:a").versions.front().instances, SizeIs(1));
}

RowImported ImportOf(const std::string& workload, const std::string& instance) {
  RowImported row;
  row.workload = workload;
  row.instance = instance;
  row.needs = {{"CAP_NET_RAW", "required"}};
  row.observed = 10;
  row.file = "web.yaml";
  row.by = "alice";
  return row;
}

TEST_F(MonitorWorkloadTest, ImportedRowsAreStoredOnceAndRemovedTogether) {
  Start(10);
  Describe(10, "web");
  (void)monitor_.DrainChanges();
  monitor_.Apply(ImportOf("compose:shop/web", "x"));
  monitor_.Apply(ImportOf("compose:shop/web", "y"));
  monitor_.Apply(ImportOf("compose:shop/other", "x"));
  MonitorChanges changes = monitor_.DrainChanges();
  EXPECT_THAT(changes.imported, SizeIs(3));
  monitor_.Rollback(std::move(changes));
  EXPECT_THAT(monitor_.DrainChanges().imported, SizeIs(3)) << "was not persisted";
  monitor_.Apply(ImportOf("compose:shop/web", "x"));
  EXPECT_THAT(monitor_.DrainChanges().imported, IsEmpty()) << "importing twice changes nothing";
  const WorkloadSnapshot web = Of("compose:shop/web");
  EXPECT_THAT(web.ImportedOf(0), SizeIs(2));
  EXPECT_EQ(monitor_.Status().counters.at("imported_rows"), 3u);
  RowImported removal;
  removal.workload = "compose:shop/web";
  removal.removed = true;
  monitor_.Apply(removal);
  EXPECT_THAT(web.ImportedOf(0), SizeIs(2)) << "a reader keeps what it has";
  EXPECT_THAT(Of("compose:shop/web").ImportedOf(0), IsEmpty());
  EXPECT_EQ(monitor_.Status().counters.at("imported_rows"), 1u);
  changes = monitor_.DrainChanges();
  ASSERT_THAT(changes.imported, SizeIs(2));
  EXPECT_FALSE(changes.imported.begin()->second.has_value());
}

TEST_F(MonitorWorkloadTest, ImportedRowsOutliveCapmondAndAreBounded) {
  MonitorState state;
  for (size_t i = 0; i < kMaxImportedRowsOfOne; ++i)
    state.imported[{"compose:shop/web", "", std::to_string(i)}] = {};
  monitor_.Restore(std::move(state));
  EXPECT_EQ(monitor_.ImportedRowsOf("compose:shop/web"), kMaxImportedRowsOfOne);
  monitor_.Apply(ImportOf("compose:shop/web", "x"));
  EXPECT_EQ(monitor_.ImportedRowsOf("compose:shop/web"), kMaxImportedRowsOfOne);
  EXPECT_EQ(monitor_.Status().counters.at("dropped_imports"), 1u);
}

ProofRecorded ProofOf(const std::string& workload, const std::string& finding = "unneeded") {
  ProofRecorded proof;
  proof.workload = workload;
  proof.capability = 13;
  proof.finding = finding;
  proof.digest = "sha256:a";
  return proof;
}

TEST_F(MonitorWorkloadTest, ProofsBelongToTheWorkloadAndLeaveWithAReset) {
  Start(10);
  Describe(10, "web");
  (void)monitor_.DrainChanges();
  monitor_.Apply(ProofOf("compose:shop/web"));
  monitor_.Apply(ProofOf("compose:shop/other"));
  MonitorChanges changes = monitor_.DrainChanges();
  EXPECT_THAT(changes.proofs, SizeIs(2));
  monitor_.Rollback(std::move(changes));
  EXPECT_THAT(monitor_.DrainChanges().proofs, SizeIs(2)) << "was not persisted";
  End(10);
  Start(11);
  Describe(11, "web");
  const WorkloadSnapshot web = Of("compose:shop/web");
  ASSERT_NE(web.proofs, nullptr);
  EXPECT_EQ(web.proofs->at(13).finding, ProofFinding::kUnneeded);
  monitor_.Apply(ProofOf("compose:shop/web", "undecided"));
  EXPECT_THAT(monitor_.DrainChanges().proofs, IsEmpty()) << "it decides nothing";
  EXPECT_EQ(monitor_.Status().counters.at("proofs"), 2u);
  monitor_.Apply(ProfileReset{now_, *monitor_.KeyOf(Id(11))});
  EXPECT_EQ(Of("compose:shop/web").proofs, nullptr);
  EXPECT_THAT(*web.proofs, SizeIs(1)) << "a reader keeps what it has";
  changes = monitor_.DrainChanges();
  ASSERT_THAT(changes.proofs, SizeIs(1));
  EXPECT_FALSE(changes.proofs.begin()->second.has_value());
}

TEST_F(MonitorWorkloadTest, OfProofsOfOneTickTheOrderIsKnown) {
  Start(10);
  Describe(10, "web");
  monitor_.Apply(ProofOf("compose:shop/web"));
  ProofRecorded second = ProofOf("compose:shop/web");
  second.capability = 0;
  monitor_.Apply(second);
  const auto proofs = monitor_.ProofsOf("compose:shop/web");
  EXPECT_EQ(proofs->at(0).at, proofs->at(13).at);
  EXPECT_LT(proofs->at(13).sequence, proofs->at(0).sequence);
  MonitorState state;
  for (const auto& [capability, proof] : *proofs)
    state.proofs[{"compose:shop/web", capability}] = proof;
  Monitor next(CallSites::BuiltIn(), {});
  next.Restore(std::move(state));
  ProofRecorded third = ProofOf("compose:shop/web");
  third.capability = 1;
  next.Apply(third);
  EXPECT_GT(next.ProofsOf("compose:shop/web")->at(1).sequence, proofs->at(0).sequence)
      << "after a restart as well";
}

TEST_F(MonitorWorkloadTest, ANeedIsNotLostToACheckThatDemandsLess) {
  ProofRecorded needed = ProofOf("compose:shop/web", "needed");
  needed.check = "curl x";
  needed.conditions = {{"command", "c0ffee"}};
  monitor_.Apply(needed);
  ProofRecorded unneeded = needed;
  unneeded.finding = "unneeded";
  unneeded.check = "";
  monitor_.Apply(unneeded);
  EXPECT_EQ(monitor_.ProofsOf("compose:shop/web")->at(13).finding, ProofFinding::kNeeded);
  unneeded.check = "curl x";
  monitor_.Apply(unneeded);
  EXPECT_EQ(monitor_.ProofsOf("compose:shop/web")->at(13).finding, ProofFinding::kUnneeded);
}

TEST_F(MonitorWorkloadTest, OnlyWhatIsUnneededHasUses) {
  for (const char* finding : {"undecided", "needed", "unneeded"}) {
    ProofRecorded proof = ProofOf(std::string("docker:") + finding, finding);
    proof.uses = {"a", "a", "b"};
    monitor_.Apply(proof);
    EXPECT_THAT(monitor_.ProofsOf(proof.workload)->at(13).uses,
                SizeIs(std::string(finding) == "unneeded" ? 2 : 0));
  }
}

TEST_F(MonitorWorkloadTest, OneContainerHasItsWorkloadBesideIt) {
  Start(10);
  Describe(10, "web");
  Start(11);
  Describe(11, "web");
  EXPECT_EQ(monitor_.WorkloadOf(Id(10), true)->whole, nullptr) << "nothing is proven";
  monitor_.Apply(ProofOf("compose:shop/web"));
  const auto one = monitor_.WorkloadOf(Id(10), true);
  ASSERT_TRUE(one.ok()) << one.status();
  ASSERT_NE(one->whole, nullptr);
  EXPECT_THAT(one->versions.front().instances, SizeIs(1));
  EXPECT_THAT(one->whole->versions.front().instances, SizeIs(2));
  EXPECT_EQ(Of("compose:shop/web").whole, nullptr);
  EXPECT_THAT(monitor_.Proven(), SizeIs(1));
}

TEST_F(MonitorWorkloadTest, ProofsOutliveCapmondAndAreBounded) {
  MonitorState state;
  for (size_t i = 0; i < kMaxProofs; ++i) {
    Proof proof;
    proof.at = static_cast<TimeNs>(i + 1);
    state.proofs[{"docker:" + std::to_string(i), 13}] = proof;
  }
  monitor_.Restore(std::move(state));
  EXPECT_EQ(monitor_.Status().counters.at("proofs"), kMaxProofs);
  monitor_.Apply(ProofOf("docker:new"));
  EXPECT_EQ(monitor_.Status().counters.at("proofs"), kMaxProofs);
  EXPECT_EQ(monitor_.Status().counters.at("evicted_proofs"), 1u);
  EXPECT_EQ(monitor_.ProofsOf("docker:0"), nullptr) << "the oldest";
  EXPECT_NE(monitor_.ProofsOf("docker:new"), nullptr);
}

TEST_F(MonitorWorkloadTest, AnImportIsNoPartOfWhatIsNormal) {
  Start(10);
  Describe(10, "web");
  Use(10, 0);
  monitor_.Apply(WorkloadApproved{now_, "compose:shop/web", "alice", false});
  monitor_.Apply(ImportOf("compose:shop/web", "x"));
  Use(10, 13);
  EXPECT_THAT(alerts_, SizeIs(1));
}

TEST_F(MonitorWorkloadTest, AnApprovalHoldsWhatWasNeededThen) {
  Start(10);
  Describe(10, "web");
  Use(10, 0);
  monitor_.Apply(WorkloadApproved{now_, "compose:shop/web", "alice", false});
  const WorkloadSnapshot web = Of("compose:shop/web");
  ASSERT_TRUE(web.approved.has_value());
  EXPECT_EQ(web.approved->by, "alice");
  EXPECT_EQ(web.approved->at, now_);
  EXPECT_EQ(web.approved->needed, CapabilitySet{0});
  EXPECT_EQ(monitor_.Approved().at("compose:shop/web"), *web.approved);
}

TEST_F(MonitorWorkloadTest, CountsTheEndsThatWereSeen) {
  Start(10);
  Describe(10, "web");
  End(10);
  Start(11);
  Describe(11, "web");
  monitor_.NoteGap({now_, now_ + kSecond, "capmond did not run"});
  now_ += 2 * kSecond;
  monitor_.Apply(CgroupRemoved{now_, 11});  // before the first clock event: it ended in the gap
  Start(12);
  Describe(12, "web");
  monitor_.NoteGap({now_, now_ + kSecond, "capmond did not run"});
  Advance(10 * kSecond);
  End(12);
  std::map<std::string, uint64_t> shutdowns;
  for (const Profile& profile : monitor_.Profiles())
    shutdowns[profile.container.id] = profile.shutdowns;
  EXPECT_EQ(shutdowns.at(Id(10)), 1u);
  EXPECT_EQ(shutdowns.at(Id(11)), 0u);
  EXPECT_EQ(shutdowns.at(Id(12)), 1u);
}

TEST_F(MonitorWorkloadTest, AnApprovalCanBeWithdrawnAndIsPersisted) {
  Start(10);
  Describe(10, "web");
  Use(10, 0);
  (void)monitor_.DrainChanges();
  monitor_.Apply(WorkloadApproved{now_, "compose:shop/web", "alice", false});
  MonitorChanges changes = monitor_.DrainChanges();
  ASSERT_TRUE(changes.approvals.at("compose:shop/web").has_value());
  EXPECT_EQ(changes.approvals.at("compose:shop/web")->digest, "sha256:a");
  monitor_.Rollback(std::move(changes));
  EXPECT_THAT(monitor_.DrainChanges().approvals, SizeIs(1)) << "was not persisted";
  monitor_.Apply(WorkloadApproved{now_, "compose:shop/web", "", true});
  EXPECT_FALSE(monitor_.ApprovalOf("compose:shop/web"));
  EXPECT_FALSE(monitor_.DrainChanges().approvals.at("compose:shop/web").has_value());
}

TEST_F(MonitorWorkloadTest, AnApprovalStaysWhenEvidenceIsReset) {
  Start(10);
  Describe(10, "web");
  Use(10, 0);
  monitor_.Apply(WorkloadApproved{now_, "compose:shop/web", "alice", false});
  monitor_.Apply(ProfileReset{now_, *monitor_.KeyOf(Id(10))});
  Use(10, 0);
  EXPECT_THAT(alerts_, IsEmpty());
  EXPECT_TRUE(monitor_.ApprovalOf("compose:shop/web"));
  Use(10, 13);
  EXPECT_THAT(alerts_, SizeIs(1)) << "it is not new, so nothing is normal but what was approved";
}

}  // namespace
}  // namespace capmon
