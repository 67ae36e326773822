// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/record_decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace capmon {
namespace {

using testing::ElementsAre;
using testing::Pair;

constexpr RecordPlace kPlace{7000, 42};

template <typename Struct>
Struct RecordOf(enum capmon_record_kind kind) {
  Struct record{};
  record.header.kind = kind;
  record.header.pid = 11;
  record.header.tid = 12;
  return record;
}

template <typename Struct>
bool Is(const void* data, size_t size) {
  return std::holds_alternative<const Struct*>(ParseRecord(data, size));
}

TEST(RecordDecoderTest, ARecordIsTheStructOfItsKind) {
  const auto check = RecordOf<capmon_check_record>(CAPMON_RECORD_CHECK);
  const auto exec = RecordOf<capmon_exec_record>(CAPMON_RECORD_EXEC);
  const auto capset = RecordOf<capmon_capset_record>(CAPMON_RECORD_CAPSET);
  const auto refused = RecordOf<capmon_exec_refused_record>(CAPMON_RECORD_EXEC_REFUSED);
  const auto call = RecordOf<capmon_call_record>(CAPMON_RECORD_CALL);
  EXPECT_TRUE(Is<capmon_check_record>(&check, sizeof(check)));
  EXPECT_TRUE(std::holds_alternative<ExecRecord>(ParseRecord(&exec, sizeof(exec))));
  EXPECT_TRUE(Is<capmon_capset_record>(&capset, sizeof(capset)));
  EXPECT_TRUE(Is<capmon_exec_refused_record>(&refused, sizeof(refused)));
  EXPECT_TRUE(Is<capmon_call_record>(&call, sizeof(call)));
}

// Every kind at every length that is too short for it, and kinds that do not exist.
TEST(RecordDecoderTest, WhatIsTooShortOrUnknownIsNoRecord) {
  const std::vector<size_t> sizes = {0,
                                     sizeof(capmon_check_record),
                                     0,
                                     0,
                                     sizeof(capmon_exec_record),
                                     sizeof(capmon_capset_record),
                                     sizeof(capmon_exec_refused_record),
                                     sizeof(capmon_call_record),
                                     4096,
                                     4096};
  for (uint32_t kind = 0; kind < sizes.size(); ++kind) {
    std::vector<char> bytes(4096);
    std::memcpy(bytes.data(), &kind, sizeof(kind));
    for (size_t size = 0; size < sizes[kind]; ++size)
      ASSERT_TRUE(std::holds_alternative<std::monostate>(ParseRecord(bytes.data(), size)))
          << "kind " << kind << ", " << size << " bytes";
  }
}

TEST(RecordDecoderTest, ACgroupRecordHasThePathUpToItsEnd) {
  auto record = RecordOf<capmon_short_cgroup_record>(CAPMON_RECORD_CGROUP_MADE);
  std::strcpy(record.path, "/docker/abc");
  auto parsed = std::get<CgroupRecord>(ParseRecord(&record, sizeof(record)));
  EXPECT_TRUE(parsed.made);
  EXPECT_EQ(parsed.path, "/docker/abc");
  EXPECT_EQ(parsed.header->pid, 11u);

  record.header.kind = CAPMON_RECORD_CGROUP_REMOVED;
  std::memset(record.path, 'x', sizeof(record.path));  // not terminated
  parsed = std::get<CgroupRecord>(ParseRecord(&record, sizeof(record)));
  EXPECT_FALSE(parsed.made);
  EXPECT_EQ(parsed.path, std::string(sizeof(record.path), 'x'));
  parsed = std::get<CgroupRecord>(ParseRecord(&record, sizeof(record.header)));
  EXPECT_EQ(parsed.path, "");
}

TEST(RecordDecoderTest, AnExecKeepsEveryField) {
  auto record = RecordOf<capmon_exec_record>(CAPMON_RECORD_EXEC);
  record.permitted_before = 1;
  record.permitted = 2;
  record.effective = 4;
  record.inheritable = 8;
  record.bounding = 16;
  record.ambient = 32;
  record.uid_before = 1;
  record.uid = 2;
  record.euid_before = 3;
  record.euid = 4;
  record.exe = 5;
  record.inode = uint64_t{6} << 32;
  record.before_known = record.no_new_privs = record.secure_exec = record.setid_file = 1;
  record.seccomp_mode = 2;
  record.userns_level = 3;
  record.exe_origin = CAPMON_EXE_OWN;
  record.file_known = record.file_effective = 1;
  record.file_permitted = 64;
  record.file_inheritable = 128;
  std::memset(record.comm, 'c', sizeof(record.comm));
  std::strcpy(record.path, "/bin/sh");
  const ProcessExec exec = Decode(ExecRecord{&record, nullptr}, kPlace);
  EXPECT_EQ(exec.time, 7000);
  EXPECT_EQ(exec.cgroup, 42u);
  EXPECT_EQ(exec.pid, 11u);
  EXPECT_EQ(exec.permitted_before, CapabilitySet(1));
  EXPECT_EQ(exec.permitted, CapabilitySet(2));
  EXPECT_EQ(exec.effective, CapabilitySet(4));
  EXPECT_EQ(exec.inheritable, CapabilitySet(8));
  EXPECT_EQ(exec.bounding, CapabilitySet(16));
  EXPECT_EQ(exec.ambient, CapabilitySet(32));
  EXPECT_EQ(exec.uid_before, 1u);
  EXPECT_EQ(exec.uid, 2u);
  EXPECT_EQ(exec.euid_before, 3u);
  EXPECT_EQ(exec.euid, 4u);
  EXPECT_EQ(exec.exe, 5u);
  EXPECT_EQ(exec.inode, uint64_t{6} << 32);
  EXPECT_TRUE(exec.before_known && exec.no_new_privs && exec.secure_exec && exec.set_id_file);
  EXPECT_EQ(exec.seccomp_mode, 2u);
  EXPECT_EQ(exec.userns_level, 3u);
  EXPECT_EQ(exec.exe_origin, ExeOrigin::kOwn);
  EXPECT_TRUE(exec.file_known && exec.file_effective);
  EXPECT_EQ(exec.file_permitted, CapabilitySet(64));
  EXPECT_EQ(exec.file_inheritable, CapabilitySet(128));
  EXPECT_EQ(exec.comm, std::string(sizeof(record.comm), 'c'));
  EXPECT_EQ(exec.path, "/bin/sh");
  EXPECT_EQ(exec.device, 0u);
  EXPECT_EQ(exec.path_on_device, "");
  EXPECT_FALSE(exec.existing);
}

TEST(RecordDecoderTest, AnExecSaysWhereTheFileIs) {
  capmon_located_exec_record record{};
  record.exec = RecordOf<capmon_exec_record>(CAPMON_RECORD_EXEC);
  const auto decode = [&](size_t size) {
    const Record parsed = ParseRecord(&record, size);
    return Decode(std::get<ExecRecord>(parsed), kPlace);
  };
  constexpr char kSteps[] = "sh\0bin\0jail";
  std::memcpy(record.steps, kSteps, sizeof(kSteps));
  record.device = 7;
  record.steps_len = sizeof(kSteps);
  EXPECT_EQ(decode(sizeof(record)).device, 7u);
  EXPECT_EQ(decode(sizeof(record)).path_on_device, "/jail/bin/sh");
  EXPECT_EQ(decode(sizeof(record) - 1).path_on_device, "") << "cut off";
  record.steps_len = 0;
  EXPECT_EQ(decode(sizeof(record)).path_on_device, "");
  std::memset(record.steps, 'x', sizeof(record.steps));
  record.steps_len = 0xffff;
  EXPECT_EQ(decode(sizeof(record)).path_on_device.size(), sizeof(record.steps) + 1);
}

TEST(RecordDecoderTest, NetworkSettingsAreFactsWhereTheyWereReadable) {
  auto record = RecordOf<capmon_exec_record>(CAPMON_RECORD_EXEC);
  EXPECT_FALSE(DecodeSurroundings(record, kPlace));
  record.net_known = 1;
  record.unprivileged_port_start = 80;
  record.ping_group_low = 1;
  record.ping_group_high = 0;
  const auto seen = DecodeSurroundings(record, kPlace);
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->cgroup, 42u);
  EXPECT_THAT(seen->facts, ElementsAre(Pair("net.ipv4.ip_unprivileged_port_start", "80"),
                                       Pair("net.ipv4.ping_group_range", "1 0")));
}

TEST(RecordDecoderTest, ACapsetKeepsEveryField) {
  auto record = RecordOf<capmon_capset_record>(CAPMON_RECORD_CAPSET);
  record.permitted = 1;
  record.effective = 2;
  record.inheritable = 4;
  record.ambient = 8;
  record.had = 16;
  record.exe_origin = CAPMON_EXE_MEMORY;
  record.refused = record.looked = record.raises = 1;
  record.userns_level = 2;
  std::strcpy(record.comm, "setpriv");
  const CapabilitiesSet set = Decode(record, kPlace);
  EXPECT_EQ(set.time, 7000);
  EXPECT_EQ(set.cgroup, 42u);
  EXPECT_EQ(set.pid, 11u);
  EXPECT_EQ(set.permitted, CapabilitySet(1));
  EXPECT_EQ(set.effective, CapabilitySet(2));
  EXPECT_EQ(set.inheritable, CapabilitySet(4));
  EXPECT_EQ(set.ambient, CapabilitySet(8));
  EXPECT_EQ(set.had, CapabilitySet(16));
  EXPECT_EQ(set.exe_origin, ExeOrigin::kMemory);
  EXPECT_TRUE(set.refused && set.looked && set.raises);
  EXPECT_EQ(set.userns_level, 2u);
  EXPECT_EQ(set.comm, "setpriv");
}

TEST(RecordDecoderTest, ARefusedExecAndAGatedCallKeepEveryField) {
  auto exec = RecordOf<capmon_exec_refused_record>(CAPMON_RECORD_EXEC_REFUSED);
  exec.bounding = 3;
  exec.uid = 9;
  std::strcpy(exec.comm, "sh");
  std::strcpy(exec.path, "/bin/ping");
  const ExecRefused refused = Decode(exec, kPlace);
  EXPECT_EQ(refused.cgroup, 42u);
  EXPECT_EQ(refused.pid, 11u);
  EXPECT_EQ(refused.uid, 9u);
  EXPECT_EQ(refused.bounding, CapabilitySet(3));
  EXPECT_EQ(refused.comm, "sh");
  EXPECT_EQ(refused.path, "/bin/ping");
  EXPECT_FALSE(refused.known);

  auto call = RecordOf<capmon_call_record>(CAPMON_RECORD_CALL);
  call.syscall = 0xfffe;
  call.refused = 1;
  call.uid = 9;
  std::strcpy(call.comm, "unshare");
  const CallNoticed noticed = Decode(call, kPlace);
  EXPECT_EQ(noticed.time, 7000);
  EXPECT_EQ(noticed.uid, 9u);
  EXPECT_EQ(noticed.syscall, "syscall_65534");
  EXPECT_TRUE(noticed.refused);
  EXPECT_EQ(noticed.comm, "unshare");
}

TEST(RecordDecoderTest, ASampleHasItsTask) {
  auto record = RecordOf<capmon_check_record>(CAPMON_RECORD_CHECK);
  record.uid = 9;
  std::strcpy(record.comm, "nginx");
  std::strcpy(record.binary, "nginx.real");
  const CheckSampled sample = Decode(record, kPlace);
  EXPECT_EQ(sample.time, 7000);
  EXPECT_EQ(sample.key.cgroup, 42u);
  EXPECT_EQ(sample.pid, 11u);
  EXPECT_EQ(sample.tid, 12u);
  EXPECT_EQ(sample.uid, 9u);
  EXPECT_EQ(sample.comm, "nginx");
  EXPECT_EQ(sample.binary, "nginx.real");
}

}  // namespace
}  // namespace capmon
