// SPDX-License-Identifier: Apache-2.0
// capmond is killed while it upgrades a database of an earlier version: what stays is the old
// database or the new one, with everything in it. A real SIGKILL, a hundred times, each before
// another of the system calls that the upgrade makes.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <random>
#include <string>

#include "daemon/store/migrations.h"
#include "daemon/store/sqlite_store.h"
#include "generated/build_paths.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/store/full_profile.h"

namespace capmon {
namespace {

constexpr char kBoot[] = "this boot";  // the one data/v1.db was written in
constexpr int kKills = 100;

std::string PutDatabase(const TempDir& directory) {
  const std::string state = directory / "state";
  std::filesystem::create_directory(state);
  std::filesystem::copy_file(CAPMON_SOURCE_DIR "/tests/unit/store/data/v1.db",
                             state + "/capmon.db");
  return state;
}

// Opens the store in a child process that stops at each of its system calls, and kills it at stop
// number `last`. Returns how often it stopped; nothing if it cannot be traced here.
std::optional<int> UpgradeUntil(const std::string& state, int last) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) ::_exit(3);
    ::raise(SIGSTOP);
    const auto store = SqliteStore::Open(state, kBoot);
    ::_exit(store.ok() ? 0 : 1);
  }
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
    return std::nullopt;
  int stops = 0;
  while (WIFSTOPPED(status)) {
    const bool enough = stops++ >= last;
    if (enough) ::kill(child, SIGKILL);
    ::ptrace(PTRACE_SYSCALL, child, nullptr, nullptr);  // fails once it is killed
    ::waitpid(child, &status, 0);
  }
  EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0) << status;
  return stops;
}

int64_t VersionOf(const std::string& state) {
  const auto database = Database::Open(state + "/capmon.db");
  EXPECT_TRUE(database.ok()) << database.status();
  Statement row = (*database)->Prepare("PRAGMA user_version");
  return row.Next() ? row.Int(0) : -1;
}

void ExpectEverything(const std::string& state) {
  const auto store = SqliteStore::Open(state, kBoot);
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ((*store)->trouble(), "") << "nothing is set aside";
  const MonitorState kept = (*store)->DrainLoaded();
  ASSERT_EQ(kept.profiles.size(), 3u);
  EXPECT_TRUE(kept.profiles[0] == Version1Profile());
  EXPECT_TRUE(kept.profiles[1].checks.at(Evidence(7).key) == Evidence(7));
  EXPECT_EQ(kept.cgroups.size(), 3u);
  const auto cursor = (*store)->CursorOf(7);
  ASSERT_TRUE(cursor.ok() && cursor->has_value()) << cursor.status();
  EXPECT_EQ((**cursor).counters.size(), 2u);
}

TEST(StoreMigrationKillTest, LeavesTheOldDatabaseOrTheNewOne) {
  int all = 0;
  {
    const TempDir directory;
    const auto stops = UpgradeUntil(PutDatabase(directory), INT32_MAX);
    if (!stops) GTEST_SKIP() << "a process cannot trace its child here";
    all = *stops;
  }
  ASSERT_GT(all, kKills) << "the upgrade makes system calls";
  std::mt19937 random(12);
  std::uniform_int_distribution<int> some(0, all - 1);
  int old = 0, fresh = 0;
  for (int i = 0; i < kKills; ++i) {
    const TempDir directory;
    const std::string state = PutDatabase(directory);
    // Also at the very end: few of all stops are after the commit.
    const int at = i == 0 ? all - 1 : some(random);
    SCOPED_TRACE("killed at stop " + std::to_string(at) + " of " + std::to_string(all));
    ASSERT_TRUE(UpgradeUntil(state, at));
    const int64_t version = VersionOf(state);
    EXPECT_TRUE(version == 1 || version == SchemaVersion()) << version;
    ++(version == 1 ? old : fresh);
    ASSERT_NO_FATAL_FAILURE(ExpectEverything(state));
    EXPECT_EQ(VersionOf(state), SchemaVersion());
  }
  std::cout << "killed " << kKills << " times: " << old << " times the old database stayed, "
            << fresh << " times the new one\n";
  EXPECT_GT(old, 0);
  EXPECT_GT(fresh, 0);
}

}  // namespace
}  // namespace capmon
