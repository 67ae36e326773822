// SPDX-License-Identifier: Apache-2.0
#include "client/commands/inspect.h"

#include <gmock/gmock.h>
#include <linux/securebits.h>

#include <filesystem>
#include <sstream>

#include "client/render/inspection.h"
#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string Status(int pid, const std::string& effective, const std::string& name = "cat") {
  return "Name:\t" + name + "\nPid:\t" + std::to_string(pid) +
         "\nUid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\nCapInh:\t0\nCapPrm:\t2001\nCapEff:\t" + effective +
         "\nCapBnd:\ta80425fb\nCapAmb:\t0\nNoNewPrivs:\t1\nSeccomp:\t2\n";
}

TEST(ParseStatus, ReadsTheEffectiveIdsAndAllSets) {
  const auto thread = ParseStatus(Status(12, "2001"));
  ASSERT_TRUE(thread);
  EXPECT_EQ(thread->tid, 12);
  EXPECT_EQ(thread->comm, "cat");
  EXPECT_EQ(thread->sets.uid, 2u);
  EXPECT_EQ(thread->sets.gid, 6u);
  EXPECT_EQ(thread->sets.effective, CapabilitySet({0, 13}));
  EXPECT_EQ(thread->sets.bounding.size(), 14);
  EXPECT_TRUE(thread->sets.no_new_privs);
  EXPECT_EQ(thread->sets.seccomp, "filter");
}

TEST(ParseStatus, RefusesWhatIsCutOff) {
  const std::string whole = Status(12, "2001");
  const size_t needed = whole.find("CapAmb");
  for (size_t size = 0; size < needed - 1; ++size) {
    // Cut in a number, what is left may be one, too.
    const auto thread = ParseStatus(whole.substr(0, size));
    EXPECT_TRUE(!thread || size > whole.find("CapBnd")) << size;
  }
}

class FakeProcTest : public testing::Test {
 protected:
  void Add(int pid, int tid, const std::string& status) {
    const std::string process = proc_ / std::to_string(pid);
    const std::string thread = process + "/task/" + std::to_string(tid);
    std::filesystem::create_directories(thread);
    ASSERT_TRUE(WriteFile(thread + "/status", status));
    if (pid == tid) {
      ASSERT_TRUE(WriteFile(process + "/status", status));
    }
  }
  TempDir proc_;
};

TEST_F(FakeProcTest, NamesThreadsThatDiffer) {
  Add(10, 10, Status(10, "2001"));
  Add(10, 11, Status(11, "2001"));
  Add(10, 12, Status(12, "0", "worker"));
  const auto process = ReadProcess(10, proc_.path());
  ASSERT_TRUE(process.ok()) << process.status();
  EXPECT_EQ(process->threads, 3u);
  ASSERT_EQ(process->differing.size(), 1u);
  EXPECT_EQ(process->differing[0].comm, "worker");
}

TEST_F(FakeProcTest, OneThatEndedIsNotFound) {
  EXPECT_TRUE(absl::IsNotFound(ReadProcess(10, proc_.path()).status()));
}

Inspected One(pid_t pid, CapabilitySet effective, const std::string& comm = "cat") {
  Inspected one;
  one.process.main.tid = pid;
  one.process.main.comm = comm;
  one.process.main.sets.effective = effective;
  return one;
}

TEST(AddGroups, PutsEqualSetsTogetherAndTheLargestFirst) {
  v1::Inspection inspection;
  AddGroups({One(1, {}), One(2, {13}), One(3, {13}), One(4, {0})}, inspection);
  ASSERT_EQ(inspection.groups_size(), 3);
  EXPECT_EQ(inspection.groups(0).processes_size(), 2);
  EXPECT_EQ(inspection.groups(0).processes(1).pid(), 3u);
  EXPECT_EQ(inspection.groups(1).processes(0).pid(), 1u);
}

TEST(RenderInspection, SaysWhatItMeansAndLetsNoNameOut) {
  v1::Inspection inspection;
  Inspected one = One(7, CapabilitySet(0xa80425fb), "\x1b[2J\n\xff");
  one.process.differing.push_back({8, "worker", ProcessSets()});
  one.process.differing.push_back({9, "keeper", ProcessSets()});
  one.process.differing.back().sets.permitted = AllCapabilities();
  one.process.threads = kMaxThreads + 2;
  AddGroups({one}, inspection);
  std::ostringstream out;
  RenderInspection(out, inspection, Settings());
  EXPECT_THAT(out.str(), HasSubstr("14, the default of Docker and containerd: "));
  EXPECT_THAT(out.str(), HasSubstr("Thread 8 worker of process 7 differs: effective none"));
  EXPECT_THAT(out.str(), HasSubstr("permitted all")) << "not forty names";
  EXPECT_THAT(out.str(), HasSubstr("2 threads beyond the limit were not read"));
  EXPECT_THAT(out.str(), Not(HasSubstr("\x1b")));
}

TEST(SecurebitNames, NamesBitsAndTheirLocks) {
  EXPECT_THAT(SecurebitNames(SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_KEEP_CAPS),
              ElementsAre("noroot", "noroot-locked", "keep-caps"));
  EXPECT_THAT(SecurebitNames(0), ElementsAre());
}

TEST(IdInside, GoesThroughTheMap) {
  const std::vector<std::string> map = {"0 100000 1000", "1000 5 1"};
  EXPECT_EQ(IdInside(map, 100'999), 999u);
  EXPECT_EQ(IdInside(map, 5), 1000u);
  EXPECT_EQ(IdInside(map, 101'000), std::nullopt);
}

}  // namespace
}  // namespace capmon
