// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/check_namer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace capmon {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string Symbol(uint64_t address) {
  static const std::map<uint64_t, std::string> symbols = {{1, "cap_capable+0x10/0x80"},
                                                          {2, "ns_capable+0x10/0x40"},
                                                          {3, "inet_create.part.0+0x1/0x90"},
                                                          {4, "__sock_create+0x1/0x90"}};
  const auto found = symbols.find(address);
  return found == symbols.end() ? "" : found->second;
}

capmon_check_key Key(uint64_t site) {
  capmon_check_key key{};
  key.cgroup_id = 5;
  key.site = site;
  key.exe = 6;
  key.capability = 13;
  key.granted = 1;
  key.traits = CAPMON_HELD;
  key.exe_origin = CAPMON_EXE_OWN;
  key.target_level = 1;
  key.cred_depth = 2;
  key.syscall = CAPMON_NO_SYSCALL;
  return key;
}

capmon_check_record Sample(std::initializer_list<uint64_t> frames) {
  capmon_check_record record{};
  std::copy(frames.begin(), frames.end(), record.frames);
  record.frame_bytes = static_cast<int>(frames.size() * sizeof(uint64_t));
  return record;
}

TEST(CheckNamerTest, AKeyIsNamedByItsAddress) {
  CounterLedger::Counter counter;
  CheckNamer(&Symbol).Resolve(Key(3), counter);
  EXPECT_TRUE(counter.site_certain);
  const CheckKey& key = counter.resolved;
  EXPECT_EQ(key.site, "inet_create");
  EXPECT_EQ(key.cgroup, 5u);
  EXPECT_EQ(key.exe, 6u);
  EXPECT_EQ(key.capability, 13u);
  EXPECT_TRUE(key.granted);
  EXPECT_TRUE(key.Is(kHeld));
  EXPECT_EQ(key.exe_origin, ExeOrigin::kOwn);
  EXPECT_EQ(key.target_level, 1);
  EXPECT_EQ(key.cred_depth, 2);
  EXPECT_EQ(key.syscall, "");
}

TEST(CheckNamerTest, AWrapperOrAnUnknownAddressNamesNoSite) {
  for (const uint64_t site : {0, 2, 99}) {
    CounterLedger::Counter counter;
    CheckNamer(&Symbol).Resolve(Key(site), counter);
    EXPECT_EQ(counter.resolved.site, "") << site;
    EXPECT_FALSE(counter.site_certain);
  }
}

TEST(CheckNamerTest, AStackNamesTheSiteThatTheKeyDidNot) {
  const CheckNamer namer(&Symbol);
  CounterLedger::Counter counter;
  namer.Resolve(Key(0), counter);
  EXPECT_THAT(namer.Callers(Sample({1, 2, 3, 4}), counter),
              ElementsAre("inet_create", "__sock_create"));
  EXPECT_EQ(counter.resolved.site, "inet_create");
  EXPECT_FALSE(counter.site_certain) << "another sample may say otherwise";
}

TEST(CheckNamerTest, AStackThatCouldNotBeUnwoundChangesNothing) {
  const CheckNamer namer(&Symbol);
  CounterLedger::Counter counter;
  namer.Resolve(Key(3), counter);
  capmon_check_record record = Sample({1, 2, 4});
  record.frame_bytes = -14;
  EXPECT_THAT(namer.Callers(record, counter), IsEmpty());
  StackLayout layout;
  EXPECT_FALSE(namer.LearnStack(record, layout));
  record.frame_bytes = 3 * sizeof(uint64_t);
  namer.Callers(record, counter);
  EXPECT_EQ(counter.resolved.site, "inet_create") << "the address is certain";
}

}  // namespace
}  // namespace capmon
