// SPDX-License-Identifier: Apache-2.0
// Every check counts once, wherever capmond is killed: ledger, checkpoint and store together, on a
// kernel in memory.
#include "daemon/checkpoint.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>

#include "daemon/restore.h"
#include "daemon/store/sqlite.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/daemon/simulated_kernel.h"

namespace capmon {
namespace {

constexpr char kBoot[] = "this boot";

// One capmond, from its start until it is killed.
class Life {
 public:
  Life(const std::string& state_dir, SimulatedKernel& kernel, bool adopt)
      : store_(*SqliteStore::Open(state_dir, kBoot)), source_(kernel, adopt) {
    monitor_.With([&](Monitor& monitor) { RestoreFrom(store_.get(), monitor, source_); });
  }

  void Drain() {
    monitor_.With([&](Monitor& monitor) {
      source_.Drain([&](const KernelEvent& event) { monitor.Apply(event); });
    });
  }
  void DrainOf(CgroupId cgroup) {
    monitor_.With([&](Monitor& monitor) {
      source_.DrainOf(cgroup, [&](const KernelEvent& event) { monitor.Apply(event); });
    });
  }
  absl::Status Persist() { return Checkpoint(monitor_, source_).Commit(*store_); }
  SimulatedSource& source() { return source_; }
  uint64_t checks() {
    uint64_t sum = 0;
    for (const Profile& profile : monitor_.With([](Monitor& m) { return m.Profiles(); }))
      for (const auto& [key, evidence] : profile.checks) sum += evidence.counts.count;
    return sum;
  }

 private:
  std::unique_ptr<SqliteStore> store_;
  Synchronized<Monitor> monitor_{CallSites::BuiltIn(), Monitor::Options{.track_changes = true}};
  SimulatedSource source_;
};

// Keeps every other process from writing to a database, as a full disk would.
class Blocked {
 public:
  explicit Blocked(const std::string& state_dir)
      : database_(*Database::Open(state_dir + "/capmon.db")) {
    database_->RunScript("BEGIN IMMEDIATE");
  }
  ~Blocked() { database_->RunScript("ROLLBACK"); }

 private:
  std::unique_ptr<Database> database_;
};

class CheckpointTest : public testing::TestWithParam<uint32_t> {
 protected:
  uint64_t Below(uint64_t limit) { return random_() % limit; }
  void Work() {
    for (uint64_t n = Below(12); n > 0; --n) {
      kernel_.now += 1'000'000 * (1 + Below(1000));
      if (kernel_.cgroups.empty() || Below(6) == 0) {
        kernel_.Make(++last_cgroup_);
      } else {
        auto cgroup = kernel_.cgroups.begin();
        std::advance(cgroup, Below(kernel_.cgroups.size()));
        const CgroupId id = *cgroup;
        if (Below(8) == 0) kernel_.Remove(id);  // and a task that is exiting may still be counted
        if (Below(8) != 0) kernel_.Check(id, static_cast<uint8_t>(Below(4)), 1 + Below(9));
      }
    }
  }

  std::mt19937 random_{GetParam()};
  SimulatedKernel kernel_;
  CgroupId last_cgroup_ = 0;
  TempDir directory_;
  const std::string state_ = directory_ / "state";
};

TEST_P(CheckpointTest, TheSumOfCountsIsRightWhereverCapmondIsKilled) {
  for (int life = 0; life < 25; ++life) {
    Life capmond(state_, kernel_, /*adopt=*/Below(4) != 0);
    capmond.Drain();
    ASSERT_EQ(capmond.checks(), kernel_.checks_made) << "at the start of life " << life;
    for (uint64_t ticks = Below(10); ticks > 0; --ticks) {
      Work();
      if (Below(3) == 0) {  // what is removed meanwhile is not freed for it
        capmond.DrainOf(1 + Below(last_cgroup_ + 1));
        if (Below(2) == 0) {
          ASSERT_TRUE(capmond.Persist().ok());
        }
        Work();
      }
      capmond.Drain();
      ASSERT_EQ(capmond.checks(), kernel_.checks_made) << "in life " << life;
      if (Below(5) == 0) {
        const Blocked blocked(state_);
        ASSERT_FALSE(capmond.Persist().ok());
      } else if (Below(5) != 0) {
        ASSERT_TRUE(capmond.Persist().ok());
      }
    }
    if (Below(2) == 0) Work();
    if (Below(2) == 0) capmond.Drain();
    capmond.source().Kill();  // written, but the kernel was not informed any more
    if (Below(2) == 0) {
      ASSERT_TRUE(capmond.Persist().ok());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, CheckpointTest, testing::Range(1u, 13u));

struct Fixture {
  Fixture() { kernel.Make(1); }
  TempDir directory;
  const std::string state = directory / "state";
  SimulatedKernel kernel;
};

TEST(CheckpointStepsTest, AnUncommittedCheckpointIsContainedInTheNext) {
  Fixture f;
  Synchronized<Monitor> monitor(CallSites::BuiltIn(), Monitor::Options{.track_changes = true});
  SimulatedSource source(f.kernel, true);
  f.kernel.Check(1, 7, 5);
  source.Drain([&](const KernelEvent& e) { monitor.With([&](Monitor& m) { m.Apply(e); }); });
  { const Checkpoint given_up(monitor, source); }
  Checkpoint next(monitor, source);
  EXPECT_FALSE(next.empty());
  auto store = *SqliteStore::Open(f.state, kBoot);
  ASSERT_TRUE(next.Commit(*store).ok());
  EXPECT_EQ((**store->CursorOf(f.kernel.counting)).counters.size(), 1u);
  Checkpoint last(monitor, source);
  EXPECT_TRUE(last.empty());
  last.CommitUnwritten();
}

TEST(CheckpointStepsTest, TheKernelForgetsOnlyWhatIsWritten) {
  Fixture f;
  Life capmond(f.state, f.kernel, true);
  f.kernel.Check(1, 7, 5);
  ASSERT_TRUE(capmond.Persist().ok());
  capmond.Drain();
  f.kernel.Remove(1);
  capmond.Drain();
  {
    const Blocked blocked(f.state);
    EXPECT_FALSE(capmond.Persist().ok());
    EXPECT_EQ(capmond.source().counters(), 1u) << "evidence about it is in memory alone";
  }
  ASSERT_TRUE(capmond.Persist().ok());
  EXPECT_EQ(capmond.source().counters(), 0u);
}

TEST(CheckpointStepsTest, APredecessorStaysUntilItsCountsAreWritten) {
  Fixture f;
  {
    Life first(f.state, f.kernel, true);
    first.Drain();
    f.kernel.Check(1, 7, 5);
  }
  Life second(f.state, f.kernel, /*adopt=*/false);
  second.Drain();
  EXPECT_EQ(second.checks(), 5u);
  {
    const Blocked blocked(f.state);
    EXPECT_FALSE(second.Persist().ok());
  }
  EXPECT_EQ(f.kernel.generations.size(), 2u);
  ASSERT_TRUE(second.Persist().ok());
  EXPECT_EQ(f.kernel.generations.size(), 1u);
}

// Of a workload without instances nothing else changes.
TEST(CheckpointStepsTest, AnApprovalAloneIsWritten) {
  Fixture f;
  Synchronized<Monitor> monitor(CallSites::BuiltIn(), Monitor::Options{.track_changes = true});
  SimulatedSource source(f.kernel, true);
  auto store = *SqliteStore::Open(f.state, kBoot);
  { ASSERT_TRUE(Checkpoint(monitor, source).Commit(*store).ok()); }
  for (const bool withdrawn : {false, true}) {
    monitor.With([&](Monitor& m) {
      m.Apply(WorkloadApproved{kSecond, "compose:shop/web", "alice", withdrawn});
    });
    Checkpoint checkpoint(monitor, source);
    EXPECT_FALSE(checkpoint.empty()) << withdrawn;
    ASSERT_TRUE(checkpoint.Commit(*store).ok());
  }
}

}  // namespace
}  // namespace capmon
