// SPDX-License-Identifier: Apache-2.0
// What a new instance costs does not depend on how many its workload has. Counts allocations: time
// would say something about this machine.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "daemon/monitor.h"

namespace {

thread_local size_t allocations = 0;

}  // namespace

// Not inlined: gcc would take the pair of new and free() for a mistake.
[[gnu::noinline]] void* operator new(size_t size) {
  ++allocations;
  if (void* const memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace capmon {
namespace {

std::string IdOf(CgroupId cgroup) {
  const std::string number = std::to_string(cgroup);
  return std::string(64 - number.size(), '0') + number;
}

class InstanceCost : public testing::Test {
 protected:
  // Returns the allocations from the start of an instance to the end of its first check.
  size_t Start(CgroupId cgroup) {
    const size_t before = allocations;
    now_ += kSecond;
    monitor_.Apply(CgroupMade{now_, cgroup, "/docker/" + IdOf(cgroup), false});
    for (const char* image : {"", "sha256:a"}) {
      ContainerDescribed described;
      described.time = now_;
      described.source = "docker";
      described.container_id = IdOf(cgroup);
      described.name = "shop-web-" + std::to_string(cgroup);
      described.image_digest = image;
      described.workload = "compose:shop/web";
      monitor_.Apply(described);
    }
    ChecksCounted counted;
    counted.time = now_;
    counted.key.cgroup = cgroup;
    counted.key.capability = 13;
    counted.key.granted = true;
    counted.key.exe_origin = ExeOrigin::kOwn;
    counted.key.site = "somewhere";
    counted.counts.count = 1;
    monitor_.Apply(counted);
    return allocations - before;
  }
  // The dearest of a few, because containers grow in steps.
  size_t Next(int instances) {
    size_t most = 0;
    for (int i = 0; i < instances; ++i) most = std::max(most, Start(++cgroup_));
    return most;
  }

  TimeNs now_ = kSecond;
  CgroupId cgroup_ = 100;
  Monitor monitor_{CallSites::BuiltIn(), {.baseline_after = 10 * kSecond}};
};

TEST_F(InstanceCost, IsTheSameForTheHundredthAndTheThousandth) {
  (void)Next(100);
  monitor_.Apply(Tick{now_ += 60 * kSecond});  // they have a baseline, which the next ones inherit
  const size_t early = Next(20);
  (void)Next(1000);
  monitor_.Apply(Tick{now_ += 60 * kSecond});
  const size_t late = Next(20);
  EXPECT_GT(early, 0u);
  EXPECT_LE(late, 2 * early) << "of 1,100 instances the cost was " << late;
}

}  // namespace
}  // namespace capmon
