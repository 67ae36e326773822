// SPDX-License-Identifier: Apache-2.0
// The laws of the merge, for random profiles of a world so small that everything collides.
#include <gtest/gtest.h>

#include <random>

#include "client/profile_file/profile_file.h"
#include "client/profile_file/summary.h"

namespace capmon {
namespace {

constexpr int kCases = 10'000;

class Random {
 public:
  int Below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(engine_); }
  bool Coin() { return Below(2) == 0; }

  InstanceRow Row() {
    InstanceRow row;
    row.observed = Below(3);
    row.state = Coin() ? "stable" : "learning";
    row.starts = static_cast<uint64_t>(Below(2));
    row.lost = Below(4) == 0 ? 1 : 0;
    row.held_known = Below(8) != 0;
    row.filtered = Coin();
    if (Coin()) row.user = static_cast<uint32_t>(Below(2));
    if (Coin()) row.ambient.insert("NET_RAW");
    const char* const advice[] = {"safe", "unsafe", "unknown"};
    row.no_new_privileges = advice[Below(3)];
    row.non_root = advice[Below(3)];
    if (Coin()) row.surroundings["net.ipv4.ip_unprivileged_port_start"] = Coin() ? "0" : "1024";
    for (const char* name : {"CHOWN", "KILL", "NET_RAW", "SETUID", "SYS_PTRACE"}) {
      switch (Below(5)) {
        case 0: row.needs[name] = Coin() ? Verdict::kRequired : Verdict::kConditional; break;
        case 1: row.unknown.insert(name); break;
        case 2: row.unneeded[name] = Coin() ? Verdict::kUnused : Verdict::kProbed; break;
        case 3: row.denied[name] = Verdict::kMissing; break;
        default: break;
      }
    }
    return row;
  }

  ProfileSet Set() {
    ProfileSet set;
    const char* const workloads[] = {"compose:shop/web", "unit:x.service"};
    for (int i = Below(3); i > 0; --i) {
      WorkloadProfile& profile =
          set[{workloads[Below(2)], Coin() ? "web:1" : "", Coin() ? "sha256:0" : ""}];
      if (Below(4) == 0) profile.declared.insert(Coin() ? "CHOWN" : "BPF");
      if (Coin())
        profile.proofs["CHOWN"] = {Coin() ? "2026-01-31T12:00:00Z" : "2026-01-31T12:00:01Z",
                                   Coin() ? "needed" : "unneeded", "", "", ""};
      for (int rows = Below(4); rows > 0; --rows) {
        const std::string id = std::string("/cgroup/") + static_cast<char>('a' + Below(3));
        profile.rows[{id, Coin() ? "2026-01-31T12:00:00Z" : ""}] = Row();
      }
    }
    return set;
  }

 private:
  std::mt19937 engine_{12};
};

ProfileSet Merged(const ProfileSet& a, const ProfileSet& b) {
  ProfileSet result = a;
  MergeInto(result, b);
  return result;
}

ProfileSet ReadBack(const ProfileSet& set) {
  auto read = ReadProfileFile(ToYamlFile(set), "file");
  EXPECT_TRUE(read.ok()) << read.status() << "\n" << ToYamlFile(set);
  return read.ok() ? *read : ProfileSet();
}

TEST(ProfileMergeTest, IsAssociativeCommutativeAndIdempotent) {
  Random random;
  for (int i = 0; i < kCases; ++i) {
    const ProfileSet a = random.Set(), b = random.Set(), c = random.Set();
    ASSERT_EQ(Merged(Merged(a, b), c), Merged(a, Merged(b, c)));
    ASSERT_EQ(Merged(a, b), Merged(b, a));
    ASSERT_EQ(Merged(a, a), a);
    ASSERT_EQ(Merged(Merged(a, b), b), Merged(a, b));
  }
}

// Rows of one instance that contradict each other: nothing that any of them needs, was denied or
// may need is lost, and no advice becomes laxer.
TEST(ProfileMergeTest, ALongerRowOfAnInstanceLosesNoNeed) {
  Random random;
  for (int i = 0; i < kCases; ++i) {
    const InstanceRow a = random.Row(), b = random.Row();
    WorkloadProfile merged{{}, {{{"x", ""}, a}}};
    MergeInto(merged, WorkloadProfile{{}, {{{"x", ""}, b}}});
    const InstanceRow& all = merged.rows.begin()->second;
    for (const InstanceRow& row : {a, b}) {
      for (const auto& [name, verdict] : row.needs) ASSERT_LE(all.needs.at(name), verdict);
      for (const std::string& name : row.unknown)
        ASSERT_TRUE(all.needs.contains(name) || all.unknown.contains(name));
      for (const auto& [name, verdict] : row.denied)
        ASSERT_TRUE(all.needs.contains(name) || all.unknown.contains(name) ||
                    all.denied.contains(name));
      ASSERT_GE(all.lost, row.lost);
      ASSERT_GE(all.observed, row.observed);
      ASSERT_TRUE(row.non_root != "unsafe" || all.non_root == "unsafe");
      ASSERT_TRUE(row.non_root == "safe" || all.non_root != "safe");
    }
  }
}

// Rows split over three files that overlap, each written and read: the bytes are those of one
// export.
TEST(ProfileMergeTest, OfThreeFilesIsByteIdenticalToOneExport) {
  Random random;
  for (int i = 0; i < kCases / 10; ++i) {
    const ProfileSet all = Merged(random.Set(), random.Set());
    ProfileSet parts[3];
    for (const auto& [key, profile] : all) {
      for (ProfileSet& part : parts) {
        part[key].declared = profile.declared;
        part[key].proofs = profile.proofs;
      }
      for (const auto& [id, row] : profile.rows)
        for (int part = random.Below(3); part < 3; ++part) parts[part][key].rows[id] = row;
    }
    ProfileSet merged;
    for (const int part : {2, 0, 1}) MergeInto(merged, ReadBack(parts[part]));
    ASSERT_EQ(ToYamlFile(merged), ToYamlFile(all));
    ASSERT_EQ(ToJsonFile(merged), ToJsonFile(all));
  }
}

TEST(ProfileMergeTest, ANeedOfOneInstanceIsANeed) {
  Random random;
  for (int i = 0; i < kCases; ++i) {
    for (const auto& [key, profile] : random.Set()) {
      const Summary summary = SummaryOf(profile);
      for (const auto& [id, row] : profile.rows) {
        for (const auto& [name, verdict] : row.needs) ASSERT_TRUE(summary.needs.contains(name));
        for (const std::string& name : row.unknown)
          ASSERT_TRUE(summary.needs.contains(name) || summary.unknown.contains(name));
        ASSERT_TRUE(row.lost == 0 || !summary.settled());
      }
      for (const auto& [name, finding] : summary.unneeded)
        ASSERT_FALSE(summary.needs.contains(name) || summary.unknown.contains(name));
    }
  }
}

}  // namespace
}  // namespace capmon
