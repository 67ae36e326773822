// SPDX-License-Identifier: Apache-2.0
// Databases of earlier versions, opened by this one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "daemon/store/columns.h"
#include "daemon/store/migrations.h"
#include "daemon/store/sqlite_store.h"
#include "daemon/store/tables.h"
#include "generated/build_paths.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/store/full_profile.h"

namespace capmon {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::SizeIs;
using testing::UnorderedElementsAreArray;

constexpr char kBoot[] = "this boot";  // the one data/v1.db was written in

class StoreMigrationTest : public testing::Test {
 protected:
  // A state directory with what the landed capmond of that version wrote.
  void PutDatabase(const std::string& name) {
    ASSERT_TRUE(std::filesystem::create_directory(state()));
    std::filesystem::copy_file(std::string(CAPMON_SOURCE_DIR "/tests/unit/store/data/") + name,
                               database());
  }
  std::unique_ptr<SqliteStore> Open() {
    auto store = SqliteStore::Open(state(), kBoot);
    EXPECT_TRUE(store.ok()) << store.status();
    return store.ok() ? *std::move(store) : nullptr;
  }
  // The first column of an answer.
  std::vector<std::string> Ask(const std::string& path, const std::string& question) {
    auto opened = Database::Open(path);
    EXPECT_TRUE(opened.ok()) << opened.status();
    std::vector<std::string> answer;
    Statement row = (*opened)->Prepare(question);
    while (row.Next()) answer.push_back(row.Text(0));
    return answer;
  }
  std::vector<std::string> SetAside() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(state()))
      if (entry.path().filename().string().starts_with("capmon.db.set-aside-"))
        found.push_back(entry.path());
    return found;
  }
  template <typename Table>
  void ExpectColumnsInDatabase() {
    EXPECT_THAT(
        Ask(database(), std::string("SELECT name FROM pragma_table_info('") + Table::kName + "')"),
        UnorderedElementsAreArray(ColumnsOf<Table>()))
        << Table::kName << ": a column without a migration, or the reverse";
  }
  template <typename... Tables>
  void ExpectColumnsOfAll(std::tuple<Tables...>) {
    (ExpectColumnsInDatabase<Tables>(), ...);
  }
  std::string state() const { return directory_ / "state"; }
  std::string database() const { return state() + "/capmon.db"; }

  TempDir directory_;
};

void ExpectAllOfVersion1(SqliteStore& store) {
  EXPECT_EQ(store.trouble(), "");
  const MonitorState kept = store.DrainLoaded();
  EXPECT_EQ(kept.time, 100);
  ASSERT_THAT(kept.profiles, SizeIs(3));
  EXPECT_TRUE(kept.profiles[0] == Version1Profile());
  const Profile& ended = kept.profiles[1];
  EXPECT_EQ(ended.container.id, "cron.service");
  EXPECT_EQ(ended.container.removed, 60);
  EXPECT_TRUE(ended.checks.at(Evidence(7).key) == Evidence(7));
  EXPECT_EQ(ended.gaps, (std::vector<Gap>{{20, 30, "capmond did not run"}}));
  EXPECT_EQ(kept.profiles[2].container.key, "host");
  EXPECT_EQ(kept.cgroups, (std::map<CgroupId, CgroupPlace>{{1, {"host", "/"}},
                                                           {42, {"42@7", "/docker/id"}},
                                                           {43, {"42@7", "/docker/id/inner"}}}));
  const auto cursor = store.CursorOf(7);
  ASSERT_TRUE(cursor.ok() && cursor->has_value()) << cursor.status();
  EXPECT_EQ(**cursor, (CounterCursor{7,
                                     {{"aa", {{1, 2, 3, 4}, "site"}}, {"bb", {{5, 6, 7, 8}, ""}}},
                                     {{"map-full", 9}},
                                     4096}));
}

TEST_F(StoreMigrationTest, AnUpgradeForgetsNothing) {
  PutDatabase("v1.db");
  ASSERT_THAT(Ask(database(), "PRAGMA user_version"), testing::ElementsAre("1"));
  for (int i = 0; i < 2; ++i) {  // and the second start finds it all again
    const auto store = Open();
    ASSERT_NE(store, nullptr);
    ExpectAllOfVersion1(*store);
  }
  EXPECT_THAT(SetAside(), IsEmpty());
  EXPECT_THAT(Ask(database(), "PRAGMA user_version"),
              testing::ElementsAre(std::to_string(SchemaVersion())));
  ExpectColumnsOfAll(AllTables());
}

// They were recorded without the conditions under which they were found.
TEST_F(StoreMigrationTest, ProofsOfVersion14AreKeptAsWhatTheyAre) {
  PutDatabase("v14.db");
  ASSERT_THAT(Ask(database(), "PRAGMA user_version"), testing::ElementsAre("14"));
  for (int i = 0; i < 2; ++i) {
    const auto store = Open();
    ASSERT_NE(store, nullptr);
    EXPECT_EQ(store->trouble(), "");
    const MonitorState kept = store->DrainLoaded();
    EXPECT_TRUE(kept.profiles.at(0) == Version1Profile());
    ASSERT_THAT(kept.proofs, SizeIs(2));
    Proof unneeded;
    unneeded.finding = ProofFinding::kUnneeded;
    unneeded.reason = "why";
    unneeded.digest = "sha256:a";
    unneeded.keep = CapabilitySet{13};
    unneeded.uses = {"setattr_prepare chown /bin/chown"};
    unneeded.check = "curl x";
    unneeded.version = "1.0";
    unneeded.by = "alice (uid 1000)";
    unneeded.at = 1'767'225'600 * kSecond;
    EXPECT_EQ(kept.proofs.at({"docker:web", 0}), unneeded);
    const Proof& needed = kept.proofs.at({"docker:web", 13});
    EXPECT_EQ(needed.finding, ProofFinding::kNeeded);
    EXPECT_TRUE(needed.conditions.empty());
    EXPECT_EQ(needed.sequence, 0u);
  }
  EXPECT_THAT(SetAside(), IsEmpty());
  ExpectColumnsOfAll(AllTables());
}

TEST_F(StoreMigrationTest, AnUpgradedDatabaseIsWrittenToLikeANewOne) {
  PutDatabase("v1.db");
  Profile profile = Version1Profile();
  profile.checks.at(Evidence(13).key).counts.count = 1000;
  MonitorChanges changes;
  changes.profiles.push_back({profile, true, false});
  const auto store = Open();
  ASSERT_TRUE(store->Write(changes, {}).ok());
  EXPECT_THAT(Ask(database(), "SELECT count FROM evidence WHERE container = '42@7'"),
              testing::UnorderedElementsAre("10", "1000"));  // replaced, not added
}

TEST_F(StoreMigrationTest, EveryColumnOfATableIsInANewDatabase) {
  Open();
  ExpectColumnsOfAll(AllTables());
}

TEST_F(StoreMigrationTest, TheKeyOfEvidenceHasEveryPartOfTheCheck) {
  Open();
  ColumnNames key;
  CheckKey check;
  KeyColumns(key, check);
  EXPECT_THAT(Ask(database(), "SELECT name FROM pragma_index_info('evidence_key')"),
              IsSupersetOf(key.names))
      << "a part of CheckKey that is not in the index: two kinds of checks share a row";
}

TEST_F(StoreMigrationTest, ANewerOneIsSetAsideAndNotLost) {
  PutDatabase("v1.db");
  (*Database::Open(database()))->RunScript("PRAGMA user_version = 999");
  const auto store = Open();
  ASSERT_NE(store, nullptr);
  EXPECT_THAT(store->trouble(), HasSubstr("has layout 999, of a newer capmond"));
  ASSERT_THAT(SetAside(), SizeIs(1));
  EXPECT_THAT(Ask(SetAside()[0], "SELECT count(*) FROM evidence"), testing::ElementsAre("4"));
}

TEST_F(StoreMigrationTest, OneThatCannotBeUpgradedIsSetAsideAsItWas) {
  PutDatabase("v1.db");
  (*Database::Open(database()))->RunScript("ALTER TABLE evidence DROP COLUMN comm");
  EXPECT_THAT(Open()->trouble(), HasSubstr("bring layout 1 to"));
  ASSERT_THAT(SetAside(), SizeIs(1));
  EXPECT_THAT(Ask(SetAside()[0], "PRAGMA user_version"), testing::ElementsAre("1"));
  EXPECT_THAT(Ask(SetAside()[0], "SELECT count(*) FROM evidence"), testing::ElementsAre("4"));
}

TEST_F(StoreMigrationTest, TheDatabaseOfAnotherProgramIsSetAside) {
  ASSERT_TRUE(std::filesystem::create_directory(state()));
  (*Database::Open(database()))->RunScript("CREATE TABLE theirs(x)");
  EXPECT_THAT(Open()->trouble(), HasSubstr("is not a database of capmond"));
  EXPECT_THAT(SetAside(), SizeIs(1));
}

}  // namespace
}  // namespace capmon
