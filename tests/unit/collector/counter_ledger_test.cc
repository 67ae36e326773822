// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/counter_ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace capmon {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

CounterLedger Ledger() {
  return CounterLedger([](const capmon_check_key& key, CounterLedger::Counter& counter) {
    counter.resolved.cgroup = key.cgroup_id;
  });
}

capmon_check_key Key(uint64_t cgroup) {
  capmon_check_key key{};
  key.cgroup_id = cgroup;
  return key;
}

capmon_owner Lost(enum capmon_loss cause, uint64_t count) {
  capmon_owner owner{};
  owner.losses[cause] = count;
  return owner;
}

TEST(CounterLedgerTest, DeliversIncrementsOnce) {
  CounterLedger ledger = Ledger();
  EXPECT_EQ(ledger.Advance(Key(1), {5, 2, 1, 2}).count, 5u);
  EXPECT_EQ(ledger.Advance(Key(1), {7, 2, 2, 2}), (CheckCounts{2, 0, 1, 2}));
  EXPECT_EQ(ledger.Advance(Key(1), {7, 2, 2, 2}), CheckCounts());
}

TEST(CounterLedgerTest, ACounterMadeAnewStartsFromNothing) {
  CounterLedger ledger = Ledger();
  ledger.Advance(Key(1), {5, 0, 0, 0});
  EXPECT_EQ(ledger.Advance(Key(1), {3, 0, 0, 0}).count, 3u);
}

TEST(CounterLedgerTest, LossesAreTheOwnersAndDeliveredOnce) {
  CounterLedger ledger = Ledger();
  const auto lost = ledger.AdvanceLosses(9, Lost(CAPMON_LOSS_RING_CAPSET, 4));
  ASSERT_EQ(lost.size(), 1u);
  EXPECT_EQ(lost[0].cause, "ring-capset");
  EXPECT_EQ(lost[0].owner, 9u);
  EXPECT_EQ(lost[0].count, 4u);
  EXPECT_THAT(ledger.AdvanceLosses(9, Lost(CAPMON_LOSS_RING_CAPSET, 4)), IsEmpty());
}

TEST(CounterLedgerTest, RecordsAreLostUntilTheirLossIsDelivered) {
  CounterLedger ledger = Ledger();
  EXPECT_FALSE(ledger.LostRecords(9, Lost(CAPMON_LOSS_OUTCOME, 3)));
  EXPECT_TRUE(ledger.LostRecords(9, Lost(CAPMON_LOSS_RING_CHECK, 1)));
  ledger.AdvanceLosses(9, Lost(CAPMON_LOSS_RING_CHECK, 1));
  EXPECT_FALSE(ledger.LostRecords(9, Lost(CAPMON_LOSS_RING_CHECK, 1)));
  EXPECT_TRUE(ledger.LostRecords(9, Lost(CAPMON_LOSS_RING_CHECK, 2)));
}

TEST(CounterLedgerTest, ReadsAreThoseSinceTheLastTime) {
  CounterLedger ledger = Ledger();
  EXPECT_EQ(ledger.AdvanceReads(9, 5, /*pass_over=*/true), 0u) << "made while capmond did not run";
  EXPECT_EQ(ledger.AdvanceReads(9, 7, /*pass_over=*/false), 2u);
  EXPECT_EQ(ledger.AdvanceReads(9, 7, /*pass_over=*/false), 0u);
  EXPECT_EQ(ledger.AdvanceReads(8, 4, /*pass_over=*/false), 4u);
  EXPECT_EQ(ledger.AdvanceReads(9, 3, /*pass_over=*/false), 3u) << "the entry was made anew";
  ledger.FreeOwner(8);
  EXPECT_EQ(ledger.AdvanceReads(8, 4, /*pass_over=*/false), 4u);
}

TEST(CounterLedgerTest, FreesTheCountersOfCgroupsThatAreGone) {
  CounterLedger ledger = Ledger();
  ledger.Persist(1);
  ledger.Advance(Key(1), {5, 0, 0, 0});
  ledger.Advance(Key(2), {5, 0, 0, 0});
  ledger.DrainCursor(0);
  std::vector<uint64_t> freed;
  ledger.Free({1}, [&](const capmon_check_key& key, const CounterLedger::Counter&) {
    freed.push_back(key.cgroup_id);
  });
  EXPECT_THAT(freed, ElementsAre(1));
  EXPECT_THAT(ledger.DrainCursor(0).freed, ElementsAre(CounterName(Key(1))));
  EXPECT_EQ(ledger.size(), 1u);
}

// Another process may go on from any cursor that was persisted: the sum of what both deliver is
// what was counted, for checks and losses alike.
TEST(CounterLedgerTest, TheSumIsRightWhereverOneProcessEndsAndAnotherGoesOn) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    CounterCursor persisted;  // as the store has it
    persisted.generation = 1;
    std::map<uint64_t, uint64_t> counted, lost, delivered, delivered_losses;
    std::map<uint64_t, uint64_t> safe, safe_losses;  // delivered and persisted
    auto ledger = std::make_unique<CounterLedger>(Ledger());
    ledger->Persist(1);
    for (int step = 0; step < 50; ++step) {
      counted[random() % 5] += random() % 3;
      lost[random() % 5] += random() % 2;
      for (const auto& [cgroup, total] : counted)
        delivered[cgroup] += ledger->Advance(Key(cgroup), {total, 0, 0, 0}).count;
      for (const auto& [owner, total] : lost)
        for (const auto& one : ledger->AdvanceLosses(owner, Lost(CAPMON_LOSS_RING_EXEC, total)))
          delivered_losses[owner] += one.count;
      if (random() % 4 == 0) {
        const CursorChanges changes = ledger->DrainCursor(0);
        if (random() % 4 == 0) {
          ledger->Rollback();  // the write failed; memory goes on
        } else {
          if (changes.whole) persisted.counters.clear();
          for (const auto& [name, value] : changes.cursor.counters)
            persisted.counters[name] = value;
          safe = delivered;
          safe_losses = delivered_losses;
        }
      }
      if (random() % 10 == 0) {  // killed: what was not persisted never was
        delivered = safe;
        delivered_losses = safe_losses;
        ledger = std::make_unique<CounterLedger>(Ledger());
        ledger->Persist(1);
        ledger->Resume(persisted);
      }
    }
    for (const auto& [cgroup, total] : counted)
      delivered[cgroup] += ledger->Advance(Key(cgroup), {total, 0, 0, 0}).count;
    for (const auto& [owner, total] : lost)
      for (const auto& one : ledger->AdvanceLosses(owner, Lost(CAPMON_LOSS_RING_EXEC, total)))
        delivered_losses[owner] += one.count;
    for (const auto& [cgroup, total] : counted) EXPECT_EQ(delivered[cgroup], total);
    for (const auto& [owner, total] : lost) EXPECT_EQ(delivered_losses[owner], total);
  }
}

std::set<CgroupId> CgroupsIn(const std::vector<capmon_check_key>& keys) {
  std::set<CgroupId> cgroups;
  for (const capmon_check_key& key : keys) cgroups.insert(key.cgroup_id);
  return cgroups;
}

TEST(CounterLedgerTest, KeysAreThoseOfACgroupOrItsOwnerAndNewOnes) {
  CounterLedger ledger = Ledger();
  for (const CgroupId cgroup : {1, 2, 3, 4}) ledger.Advance(Key(cgroup), {5, 0, 0, 0});
  ledger.SetOwner(Key(1), 1);
  ledger.SetOwner(Key(2), 1);
  ledger.SetOwner(Key(3), 3);
  EXPECT_THAT(CgroupsIn(ledger.KeysOf({1})), ElementsAre(1, 2, 4)) << "nobody is charged for 4 yet";
  EXPECT_THAT(CgroupsIn(ledger.KeysOf({})), ElementsAre(4));
}

TEST(CounterLedgerTest, FreedKeysAreNotFoundAnyMore) {
  CounterLedger ledger = Ledger();
  for (const CgroupId cgroup : {1, 2, 3}) ledger.Advance(Key(cgroup), {5, 0, 0, 0});
  ledger.SetOwner(Key(1), 1);
  ledger.SetOwner(Key(2), 1);
  std::set<CgroupId> freed;
  ledger.Free({2, 3, 9}, [&](const capmon_check_key& key, const CounterLedger::Counter&) {
    freed.insert(key.cgroup_id);
  });
  EXPECT_THAT(freed, ElementsAre(2, 3));
  EXPECT_THAT(CgroupsIn(ledger.KeysOf({1, 2, 3})), ElementsAre(1));
  EXPECT_EQ(ledger.size(), 1u);
}

}  // namespace
}  // namespace capmon
