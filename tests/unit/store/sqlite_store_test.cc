// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/sqlite_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "daemon/monitor.h"
#include "daemon/store/columns.h"
#include "daemon/store/tables.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/store/full_profile.h"

namespace capmon {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kBoot[] = "this boot";

void ExpectSame(const Profile& a, const Profile& b) {
  EXPECT_EQ(a.container, b.container);
  EXPECT_EQ(a.held, b.held);
  ASSERT_EQ(a.checks.size(), b.checks.size());
  for (const auto& [key, evidence] : a.checks) {
    ASSERT_TRUE(b.checks.contains(key)) << key.site;
    EXPECT_TRUE(evidence == b.checks.at(key)) << key.site;
  }
  EXPECT_TRUE(a == b);
}

MonitorChanges ChangesOf(const Profile& profile) {
  MonitorChanges changes;
  changes.profiles.push_back({profile, true, true});
  changes.time = 100;
  return changes;
}

class SqliteStoreTest : public testing::Test {
 protected:
  std::unique_ptr<SqliteStore> Open(const std::string& boot = kBoot) {
    auto store = SqliteStore::Open(state(), boot);
    EXPECT_TRUE(store.ok()) << store.status();
    return store.ok() ? *std::move(store) : nullptr;
  }
  MonitorState Reopened(const std::string& boot = kBoot) { return Open(boot)->DrainLoaded(); }
  std::string state() const { return directory_ / "state"; }
  std::vector<std::string> SetAside() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(state()))
      if (entry.path().filename().string().starts_with("capmon.db.set-aside-"))
        found.push_back(entry.path());
    return found;
  }

  TempDir directory_;
};

TEST_F(SqliteStoreTest, EveryFieldOfAProfileComesBack) {
  ASSERT_TRUE(Open()->Write(ChangesOf(FullProfile()), {}).ok());
  const MonitorState kept = Reopened();
  ASSERT_THAT(kept.profiles, SizeIs(1));
  ExpectSame(kept.profiles[0], FullProfile());
  EXPECT_EQ(kept.time, 100);
}

// Puts a value that is not the default into every column, whatever columns there are.
class Filler {
 public:
  void operator()(const char*, auto& value) { Fill(value); }

 private:
  void Fill(bool& value) { value = true; }
  void Fill(std::string& value) { value = "text " + std::to_string(++number_); }
  void Fill(CallFilter& value) { value = {true, static_cast<GatedCallSet>(++number_)}; }
  void Fill(CapabilitySet& value) { value = CapabilitySet(++number_); }
  void Fill(CallStack& value) { value = {"function " + std::to_string(++number_)}; }
  void Fill(IdRange& value) {
    for (uint32_t* part : {&value.inside, &value.outside, &value.count})
      *part = static_cast<uint32_t>(++number_);
  }
  void Fill(auto& value) {
    using T = std::remove_reference_t<decltype(value)>;
    if constexpr (std::is_enum_v<T>)
      value = static_cast<T>(1);
    else if constexpr (std::is_integral_v<T>)
      value = static_cast<T>(++number_);
    else if constexpr (kIsOptional<T>)
      Fill(value.emplace());
    else if constexpr (requires { typename T::mapped_type; })
      Fill(value[Key<typename T::key_type>()]);
    else
      value.insert(value.end(), Key<typename T::value_type>());
  }
  template <typename T>
  T Key() {
    T value{};
    Fill(value);
    return value;
  }

  int number_ = 0;
};

template <typename Table>
typename Table::Row Filled() {
  typename Table::Row row;
  Filler filler;
  std::apply([&](auto&... values) { Table::Columns(filler, values...); }, row);
  return row;
}

TEST_F(SqliteStoreTest, EveryColumnComesBack) {
  Profile profile = std::get<0>(Filled<ContainersTable>());
  const CheckEvidence evidence = std::get<1>(Filled<EvidenceTable>());
  profile.checks[evidence.key] = evidence;
  profile.held = profile.container.granted = std::get<1>(Filled<HeldTable>());
  profile.gains["name"] = std::get<2>(Filled<GainsTable>());
  profile.gaps = {std::get<1>(Filled<GapsTable>())};
  ASSERT_TRUE(Open()->Write(ChangesOf(profile), {}).ok());
  const MonitorState kept = Reopened();
  ASSERT_THAT(kept.profiles, SizeIs(1));
  ExpectSame(kept.profiles[0], profile);
}

TEST_F(SqliteStoreTest, WhatPeopleDecidedComesBack) {
  MonitorChanges changes;
  changes.approvals["compose:shop/web"] = std::get<1>(Filled<ApprovalsTable>());
  changes.approvals["docker:old"] = Approval();  // as before capmond stored the needs
  const auto [key, row] = Filled<ImportedTable>();
  changes.imported[key] = row;
  changes.imported[{"docker:web", "", "x"}] = ImportedRow();
  ASSERT_TRUE(Open()->Write(changes, {}).ok());
  MonitorState kept = Reopened();
  EXPECT_EQ(kept.approvals.at("compose:shop/web"), *changes.approvals.at("compose:shop/web"));
  EXPECT_EQ(kept.approvals.at("docker:old").needed, std::nullopt);
  ASSERT_THAT(kept.imported, SizeIs(2));
  EXPECT_EQ(kept.imported.at(key), row);
  changes = {};
  changes.imported[key] = std::nullopt;
  ASSERT_TRUE(Open()->Write(changes, {}).ok());
  EXPECT_THAT(Reopened().imported, SizeIs(1));
}

TEST_F(SqliteStoreTest, WhatWasProvenComesBack) {
  MonitorChanges changes;
  const auto [key, proof] = Filled<ProofsTable>();
  changes.proofs[key] = proof;
  changes.proofs[{"docker:web", 0}] = Proof();
  ASSERT_TRUE(Open()->Write(changes, {}).ok());
  const MonitorState kept = Reopened();
  ASSERT_THAT(kept.proofs, SizeIs(2));
  EXPECT_EQ(kept.proofs.at(key), proof);
  changes = {};
  changes.proofs[key] = std::nullopt;
  ASSERT_TRUE(Open()->Write(changes, {}).ok());
  EXPECT_THAT(Reopened().proofs, SizeIs(1));
}

TEST_F(SqliteStoreTest, OnlyChangesNeedBeReported) {
  Profile profile = FullProfile();
  auto store = Open();
  ASSERT_TRUE(store->Write(ChangesOf(profile), {}).ok());
  const CheckKey key = Evidence(13).key;
  profile.checks.at(key).counts.count = 1000;
  profile.starts = 99;
  MonitorChanges changes = ChangesOf(profile);
  changes.profiles[0].details = changes.profiles[0].replaced = false;
  changes.profiles[0].profile.checks = {{key, profile.checks.at(key)}};
  changes.profiles[0].profile.held.reset();  // a detail: not compared
  ASSERT_TRUE(store->Write(changes, {}).ok());
  store.reset();
  const MonitorState kept = Reopened();
  ASSERT_THAT(kept.profiles, SizeIs(1));
  ExpectSame(kept.profiles[0], profile);
}

TEST_F(SqliteStoreTest, WhatWasResetIsForgotten) {
  auto store = Open();
  ASSERT_TRUE(store->Write(ChangesOf(FullProfile()), {}).ok());
  Profile fresh;
  fresh.container = FullProfile().container;
  ASSERT_TRUE(store->Write(ChangesOf(fresh), {}).ok());
  store.reset();
  const MonitorState kept = Reopened();
  ASSERT_THAT(kept.profiles, SizeIs(1));
  ExpectSame(kept.profiles[0], fresh);
}

TEST_F(SqliteStoreTest, CursorsBelongToOneGeneration) {
  CursorChanges changes;
  changes.cursor = {
      7, {{"aa", {{1, 2, 3, 4}, "site"}}, {"bb", {{5, 6, 7, 8}, ""}}}, {{"map-full", 9}}, 4096};
  auto store = Open();
  ASSERT_TRUE(store->Write({}, changes).ok());
  CursorChanges more;
  more.cursor = {7, {{"bb", {{50, 6, 7, 8}, ""}}}, {}, 8192};
  more.freed = {"aa"};
  ASSERT_TRUE(store->Write({}, more).ok());
  store.reset();

  store = Open();
  const auto cursor = store->CursorOf(7);
  ASSERT_TRUE(cursor.ok() && cursor->has_value()) << cursor.status();
  EXPECT_EQ(**cursor, (CounterCursor{7, {{"bb", {{50, 6, 7, 8}, ""}}}, {{"map-full", 9}}, 8192}));
  const auto other = store->CursorOf(8);
  ASSERT_TRUE(other.ok());
  EXPECT_FALSE(other->has_value());
  ASSERT_TRUE(store->Write({}, {}).ok());  // nothing is pinned now
  EXPECT_FALSE(store->CursorOf(7)->has_value());
  changes.whole = true;
  changes.cursor.generation = 8;
  ASSERT_TRUE(store->Write({}, more).ok());
  ASSERT_TRUE(store->Write({}, changes).ok());
  EXPECT_EQ(*store->CursorOf(8).value(), changes.cursor);
}

TEST_F(SqliteStoreTest, EvictedAndMergedContainersLeave) {
  Profile other = FullProfile();
  other.container.key = "43@7";
  MonitorChanges changes = ChangesOf(FullProfile());
  changes.profiles.push_back({other, true, true});
  changes.cgroups[42] = CgroupPlace{"42@7", "/docker/id"};
  changes.cgroups[43] = CgroupPlace{"43@7", "/docker/other"};
  changes.cgroups[44] = CgroupPlace{"43@7", "/docker/other/in"};
  auto store = Open();
  ASSERT_TRUE(store->Write(changes, {}).ok());
  MonitorChanges news;
  news.gone = {"42@7"};
  news.moved = {{"42@7", "43@7"}};
  news.cgroups[44] = std::nullopt;
  ASSERT_TRUE(store->Write(news, {}).ok());
  store.reset();
  const MonitorState kept = Reopened();
  ASSERT_THAT(kept.profiles, SizeIs(1));
  ExpectSame(kept.profiles[0], other);
  EXPECT_EQ(kept.cgroups, (std::map<CgroupId, CgroupPlace>{{42, {"43@7", "/docker/id"}},
                                                           {43, {"43@7", "/docker/other"}}}));
}

TEST_F(SqliteStoreTest, NothingOfWhatIsForgottenStays) {
  auto store = Open();
  ASSERT_TRUE(store->Write(ChangesOf(FullProfile()), {}).ok());
  MonitorChanges none;
  none.whole = true;
  ASSERT_TRUE(store->Write(none, {}).ok());
  store.reset();
  auto database = Database::Open(state() + "/capmon.db");
  for (const char* table :
       {"containers", "evidence", "held", "granted", "gains", "binaries", "surroundings", "gaps"}) {
    Statement row = (*database)->Prepare(std::string("SELECT count(*) FROM ") + table);
    ASSERT_TRUE(row.Next()) << table;
    EXPECT_EQ(row.Int(0), 0) << table;
  }
}

TEST_F(SqliteStoreTest, AnotherBootEndsEverythingButTheHost) {
  Profile host;
  host.container.key = host.container.id = "host";
  host.container.kind = ContainerKind::kHost;
  MonitorChanges changes = ChangesOf(FullProfile());
  changes.profiles.push_back({host, true, true});
  changes.cgroups[42] = CgroupPlace{"42@7", "/docker/id"};
  ASSERT_TRUE(Open()->Write(changes, {}).ok());
  for (int i = 0; i < 2; ++i) {  // and stays so
    const MonitorState kept = Reopened("another boot");
    ASSERT_THAT(kept.profiles, SizeIs(2));
    EXPECT_EQ(kept.profiles[0].container.removed, 100);
    EXPECT_EQ(kept.profiles[1].container.removed, 0);
    EXPECT_THAT(kept.cgroups, IsEmpty());
  }
}

TEST_F(SqliteStoreTest, ADamagedDatabaseIsSetAside) {
  Open();
  const std::string garbage(8192, 'x');
  ASSERT_TRUE(WriteFile(state() + "/capmon.db", garbage));
  std::filesystem::remove(state() + "/capmon.db-wal");
  const auto store = Open();
  ASSERT_NE(store, nullptr);
  EXPECT_THAT(store->trouble(), HasSubstr("capmon.db.set-aside-"));
  ASSERT_THAT(SetAside(), SizeIs(1));
  EXPECT_EQ(ReadFile(SetAside()[0]), garbage);
  EXPECT_TRUE(store->Write(ChangesOf(FullProfile()), {}).ok());
}

TEST_F(SqliteStoreTest, OneWithoutOurTablesIsSetAside) {
  Open();
  (*Database::Open(state() + "/capmon.db"))->RunScript("DROP TABLE evidence");
  EXPECT_THAT(Open()->trouble(), HasSubstr("evidence"));
  EXPECT_THAT(SetAside(), SizeIs(1));
}

TEST_F(SqliteStoreTest, OneDaemonAtATime) {
  auto first = Open();
  const auto second = SqliteStore::Open(state(), kBoot);
  EXPECT_TRUE(absl::IsFailedPrecondition(second.status())) << second.status();
  EXPECT_THAT(std::string(second.status().message()), HasSubstr(state()));
  first.reset();
  EXPECT_NE(Open(), nullptr);
}

TEST_F(SqliteStoreTest, ADirectoryThatCannotBe) {
  ASSERT_TRUE(WriteFile(directory_ / "file", ""));
  EXPECT_FALSE(SqliteStore::Open(directory_ / "file", kBoot).ok());
  EXPECT_FALSE(SqliteStore::Open(directory_ / "missing/below", kBoot).ok());
}

// The changes that the monitor reports are enough to restore everything.
TEST_F(SqliteStoreTest, AMonitorGoesOnWhereItWas) {
  const Monitor::Options options{.max_containers = 3, .track_changes = true};
  Monitor before(CallSites::BuiltIn(), options);
  auto store = Open();
  TimeNs now = 0;
  int writes = 0;
  const auto apply = [&](const KernelEvent& event) {
    before.Apply(event);
    before.Apply(Tick{now});
    if (++writes % 3 == 0) before.Rollback(before.DrainChanges());  // as with a full disk
    ASSERT_TRUE(store->Write(before.DrainChanges(), {}).ok());
  };
  const auto id = [](char letter) { return std::string(64, letter); };
  const auto count = [&](CgroupId cgroup) {
    ChecksCounted counted{now, {}, {1, 0, 0, 0}};
    counted.key.cgroup = cgroup;
    counted.key.capability = 13;
    counted.key.exe = 5;
    counted.key.exe_origin = ExeOrigin::kOwn;
    apply(counted);
  };
  apply(CgroupMade{++now, 1, "/docker/" + id('a'), false});
  apply(CgroupMade{++now, 2, "/docker/" + id('a') + "/inner", false});
  count(1);
  count(2);
  count(9);  // charged to no known container,
  apply(CgroupMade{++now, 9, "/docker/" + id('a') + "/late", false});  // until now
  ProcessExec exec;
  exec.time = ++now;
  exec.cgroup = 1;
  exec.exe = 5;
  exec.path = "/bin/a";
  exec.exe_origin = ExeOrigin::kOwn;
  apply(exec);
  count(1);
  exec.path = "/bin/b";  // one file, two names: the evidence loses its own
  apply(exec);
  for (const char letter : {'b', 'c', 'd'}) {  // one more than there is room for
    const auto cgroup = static_cast<CgroupId>(letter);
    apply(CgroupMade{++now, cgroup, "/docker/" + id(letter), false});
    count(cgroup);
    if (letter == 'b') apply(CgroupRemoved{++now, cgroup});
  }
  apply(ProfileReset{now, *before.KeyOf(id('c'))});
  now += kSecond;
  apply(Tick{now});
  store.reset();

  Monitor after(CallSites::BuiltIn(), options);
  after.Restore(Reopened());
  const auto expected = before.Profiles();
  const auto actual = after.Profiles();
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); ++i) ExpectSame(actual[i], expected[i]);
  // And the inner cgroup is still the container's.
  const CheckKey key{2, 13, false, 0, ExeOrigin::kOwn, 0, 0, 5, "", ""};
  after.Apply(ChecksCounted{++now, key, {1, 0, 0, 0}});
  before.Apply(ChecksCounted{now, key, {1, 0, 0, 0}});
  ExpectSame(*after.Find(id('a')), *before.Find(id('a')));
}

}  // namespace
}  // namespace capmon
