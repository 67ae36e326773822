// SPDX-License-Identifier: Apache-2.0
#include "daemon/persistence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "daemon/store/sqlite.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/daemon/simulated_kernel.h"

namespace capmon {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

auto LayerIs(const std::string& name, const std::string& state, const std::string& detail) {
  return AllOf(Field(&Layer::name, name), Field(&Layer::state, state),
               Field(&Layer::detail, HasSubstr(detail)));
}

// One capmond with what it persists.
struct Running {
  Running(const Config& config, SimulatedKernel& kernel, bool adopt)
      : persistence(*Persistence::Open(config)), source(kernel, adopt) {
    monitor.With([&](Monitor& m) { persistence->Restore(m, source); });
    Drain();
  }
  void Drain() {
    monitor.With(
        [&](Monitor& m) { source.Drain([&](const KernelEvent& event) { m.Apply(event); }); });
  }
  void Persist(bool at_once = false) { persistence->Persist(monitor, source, at_once); }
  Profile Only() {
    return monitor.With([](Monitor& m) { return m.Profiles().at(0); });
  }

  std::unique_ptr<Persistence> persistence;
  Synchronized<Monitor> monitor{CallSites::BuiltIn(), Monitor::Options{.track_changes = true}};
  SimulatedSource source;
};

class PersistenceTest : public testing::Test {
 protected:
  PersistenceTest() {
    config_.state_dir = directory_ / "state";
    config_.pin_dir = "none";
    kernel_.Make(1);
  }
  // The evidence's only count.
  static uint64_t Count(const Profile& profile) {
    return profile.checks.empty() ? 0 : profile.checks.begin()->second.counts.count;
  }

  TempDir directory_;
  Config config_;
  SimulatedKernel kernel_;
};

TEST_F(PersistenceTest, CountingThatGoesOnLeavesNoGap) {
  {
    Running capmond(config_, kernel_, false);
    kernel_.Check(1, 7, 5);
    capmond.Drain();
    capmond.Persist();
  }
  kernel_.Check(1, 7, 3);
  kernel_.now += kSecond;
  Running capmond(config_, kernel_, /*adopt=*/true);
  EXPECT_EQ(Count(capmond.Only()), 8u);
  EXPECT_THAT(capmond.Only().gaps, IsEmpty());
  const CheckEvidence& evidence = capmond.Only().checks.begin()->second;
  EXPECT_NE(evidence.unread_from, 0) << "when the last three were made is not known";
}

TEST_F(PersistenceTest, WithoutPinsTheTimeBetweenIsAGap) {
  {
    Running capmond(config_, kernel_, false);
    kernel_.Check(1, 7, 5);
    capmond.Drain();
    capmond.Persist();
  }
  kernel_.generations.clear();
  kernel_.now += kSecond;
  Running capmond(config_, kernel_, /*adopt=*/false);
  EXPECT_EQ(Count(capmond.Only()), 5u);
  ASSERT_EQ(capmond.Only().gaps.size(), 1u);
  EXPECT_EQ(capmond.Only().gaps[0].reason, "capmond did not run");
}

// Two daemons wrote in turn, so that nothing says how much of the first one's counters is known.
TEST_F(PersistenceTest, CountersOfUnknownStandingAreNeverCountedTwice) {
  {
    Running capmond(config_, kernel_, false);
    kernel_.Check(1, 7, 5);
    capmond.Drain();
    capmond.Persist();
  }
  SimulatedKernel::Generation forgotten = kernel_.generations.at(1);
  {
    Running other(config_, kernel_, /*adopt=*/false);
    kernel_.now += kSecond;
    other.Drain();
    other.Persist(/*at_once=*/true);
  }
  kernel_.generations[1] = forgotten;
  kernel_.generations[1].counters.begin()->second.count += 100;
  Running capmond(config_, kernel_, /*adopt=*/true);
  EXPECT_EQ(Count(capmond.Only()), 5u);
}

TEST_F(PersistenceTest, AStoreThatFailsIsShownAndWrittenInFullOnceItCan) {
  {
    Running capmond(config_, kernel_, false);
    EXPECT_THAT(capmond.persistence->layers(), Contains(LayerIs("store", "ok", config_.state_dir)));
    kernel_.Check(1, 7, 5);
    capmond.Drain();
    {
      auto other = *Database::Open(config_.state_dir + "/capmon.db");
      other->RunScript("BEGIN IMMEDIATE");
      capmond.Persist();
      EXPECT_THAT(capmond.persistence->layers(), Contains(LayerIs("store", "failing", "locked")));
    }
    kernel_.Check(1, 7, 1);
    capmond.Drain();
    capmond.Persist();  // left alone for a while
    EXPECT_THAT(capmond.persistence->layers(), Contains(LayerIs("store", "failing", "locked")));
    capmond.Persist(/*at_once=*/true);
    EXPECT_THAT(capmond.persistence->layers(), Contains(LayerIs("store", "ok", config_.state_dir)));
  }
  kernel_.generations.at(1).counters.clear();
  EXPECT_EQ(Count(Running(config_, kernel_, /*adopt=*/true).Only()), 6u);
}

// The answer to a client's request says whether its result is stored.
TEST_F(PersistenceTest, AFailingStoreIsTriedAgainAtOnceForARequest) {
  Running capmond(config_, kernel_, false);
  {
    auto other = *Database::Open(config_.state_dir + "/capmon.db");
    other->RunScript("BEGIN IMMEDIATE");
    capmond.monitor.With([&](Monitor& monitor) {
      monitor.Apply(WorkloadApproved{kernel_.now, "compose:shop/web", "alice", false});
    });
    capmond.Persist(/*at_once=*/true);
    EXPECT_THAT(capmond.persistence->layers(), Contains(LayerIs("store", "failing", "locked")));
  }
  capmond.Persist();
  EXPECT_THAT(capmond.persistence->layers(), Contains(LayerIs("store", "failing", "locked")));
  capmond.Persist(/*at_once=*/true);
  EXPECT_THAT(capmond.persistence->layers(), Contains(LayerIs("store", "ok", config_.state_dir)));
  auto database = *Database::Open(config_.state_dir + "/capmon.db");
  Statement row = database->Prepare("SELECT count(*) FROM approvals");
  ASSERT_TRUE(row.Next());
  EXPECT_EQ(row.Int(0), 1);
}

TEST_F(PersistenceTest, ADefaultThatCannotBeUsedIsDoneWithout) {
  config_.state_dir = "/proc/capmon";
  config_.pin_dir = directory_.path();  // in no BPF file system
  const auto without = Persistence::Open(config_);
  ASSERT_TRUE(without.ok()) << without.status();
  EXPECT_FALSE((*without)->has_store());
  EXPECT_EQ((*without)->pins(), nullptr);
  EXPECT_THAT((*without)->layers(), Contains(LayerIs("store", "absent", "evidence is lost")));
  EXPECT_THAT((*without)->layers(), Contains(LayerIs("pins", "absent", "--mount-bpffs")));

  config_.pin_dir_given = true;
  EXPECT_TRUE(absl::IsInvalidArgument(Persistence::Open(config_).status()));
  config_.state_dir_given = true;
  EXPECT_FALSE(Persistence::Open(config_).ok());
}

TEST_F(PersistenceTest, AnotherDaemonsDirectoryIsNeverShared) {
  const auto first = Persistence::Open(config_);
  ASSERT_TRUE(first.ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(Persistence::Open(config_).status()));
}

TEST_F(PersistenceTest, WithoutAStoreTheKernelForgetsAtOnce) {
  config_.state_dir = "none";
  Running capmond(config_, kernel_, false);
  kernel_.Check(1, 7, 5);
  kernel_.Remove(1);
  capmond.Drain();
  capmond.Persist();
  EXPECT_EQ(capmond.source.counters(), 0u);
}

}  // namespace
}  // namespace capmon
