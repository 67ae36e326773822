// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/stack_layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bpf/return_address.h"

namespace capmon {
namespace {

// A kernel stack as seen once: what lies above the hook, and what an unwinder makes of it.
struct Stack {
  std::vector<__u64> words;
  std::vector<__u64> frames;
};

enum : __u64 {
  kText = 0xffff800080000000,  // where kernels are
  kProgram = kText + 0x100,
  kRun = kText + 0x200,
  kHook = kText + 0x300,
  kSecurity = kText + 0x400,
  kCapable = kText + 0x500,
  kInode = kText + 0x600,
  kSocket = kText + 0x700,
  kChown = kText + 0x800,
  kOvercommit = kText + 0x900,
  kMmap = kText + 0xa00,
};

std::string Symbol(uint64_t address) {
  switch (address) {
    case kProgram: return "bpf_prog_0123_on_cap_capable+0x1/0x2";
    case kRun: return "bpf_trace_run5+0x1/0x2";
    case kHook: return "cap_capable+0x83/0x110";
    case kSecurity: return "security_capable+0x3b/0xb0";
    case kCapable: return "capable+0x2a/0x60";
    case kInode: return "capable_wrt_inode_uidgid+0x1a/0x50";
    case kSocket: return "inet_create.part.0+0x1b2/0x3a0";
    case kChown: return "setattr_prepare+0x1/0x2";
    case kOvercommit: return "security_vm_enough_memory_mm+0x1/0x2";
    case kMmap: return "__mmap_region+0x1/0x2";
    default: return "";
  }
}

const Stack kSocketStack = {{7, kHook, 7, kSecurity, 7, 7, kCapable, 7, kSocket, 7},
                            {kProgram, kRun, kHook, kSecurity, kCapable, kSocket}};
const Stack kChownStack = {{7, kHook, 7, kSecurity, 7, 7, kInode, 7, 7, 7, kChown},
                           {kProgram, kRun, kHook, kSecurity, kInode, kChown}};
const Stack kMmapStack = {{7, kHook, 7, kOvercommit, 7, 7, kMmap},
                          {kProgram, kRun, kHook, kOvercommit, kMmap}};

// What the kernel side does with the layout: walk until something that is no wrapper.
__u64 Walk(const StackLayout& layout, const Stack& stack, bool* quiet = nullptr) {
  const capmon_stack_layout slots = layout.layout();
  const std::vector<capmon_frame> table = layout.table();
  if (!slots.known) return 0;
  if (slots.anchor && stack.words[slots.anchor_offset / 8] != slots.anchor) return 0;
  for (uint32_t offset = slots.caller_offset;;) {
    const __u64 address = CAPMON_RETURN_ADDRESS(stack.words.at(offset / 8));
    const capmon_frame& frame = table[CAPMON_FRAME_SLOT(address, slots.multiplier)];
    if (frame.address != address) return address;
    if (frame.flags & CAPMON_FRAME_QUIET) {
      if (quiet != nullptr) *quiet = true;
      return address;
    }
    offset += frame.size;
  }
}

bool Learn(StackLayout& layout, const Stack& stack) {
  return layout.Learn(stack.frames, stack.words, &Symbol);
}

TEST(StackLayout, KnowsNothingAtFirst) { EXPECT_EQ(Walk(StackLayout(), kSocketStack), 0u); }

TEST(StackLayout, FindsTheCallSiteAfterItSawTheWrappers) {
  StackLayout layout;
  EXPECT_TRUE(Learn(layout, kSocketStack));
  EXPECT_EQ(Walk(layout, kSocketStack), kSocket);
  EXPECT_FALSE(Learn(layout, kSocketStack)) << "nothing new the second time";
}

TEST(StackLayout, WrappersWithOtherFramesAreLearnedAsTheyCome) {
  StackLayout layout;
  Learn(layout, kSocketStack);
  EXPECT_EQ(Walk(layout, kChownStack), kInode) << "not known yet: the wrapper itself";
  EXPECT_TRUE(Learn(layout, kChownStack));
  EXPECT_EQ(Walk(layout, kChownStack), kChown);
  EXPECT_EQ(Walk(layout, kSocketStack), kSocket);
}

TEST(StackLayout, TheOvercommitTestIsQuiet) {
  StackLayout layout;
  Learn(layout, kSocketStack);
  Learn(layout, kMmapStack);
  bool quiet = false;
  EXPECT_EQ(Walk(layout, kMmapStack, &quiet), kOvercommit);
  EXPECT_TRUE(quiet);
  quiet = false;
  Walk(layout, kSocketStack, &quiet);
  EXPECT_FALSE(quiet);
}

TEST(StackLayout, AShiftedStackIsNotUsed) {
  StackLayout layout;
  Learn(layout, kSocketStack);
  Stack shifted = kSocketStack;
  shifted.words.insert(shifted.words.begin(), 7, 7);
  EXPECT_EQ(Walk(layout, shifted), 0u);
  EXPECT_TRUE(Learn(layout, shifted)) << "another tool attached: learn again";
  EXPECT_EQ(Walk(layout, shifted), kSocket);
}

TEST(StackLayout, ManyWrappersNeverShareASlot) {
  StackLayout layout;
  for (__u64 i = 0; i < 64; ++i) {
    const __u64 wrapper = 0xffffffff81000000 + i * 0x1337;
    const Stack stack = {{7, kHook, 7, kSecurity, 7, 7, wrapper, 7, kSocket},
                         {kProgram, kHook, kSecurity, wrapper, kSocket}};
    layout.Learn(stack.frames, stack.words, [&](uint64_t address) {
      return address == wrapper ? std::string("ns_capable+0x1/0x2") : Symbol(address);
    });
  }
  size_t used = 0;
  for (const capmon_frame& frame : layout.table()) used += frame.address != 0;
  EXPECT_EQ(used, 64u);
}

TEST(NameStack, CutsTheMachineryAndTheWrappers) {
  const NamedStack stack = NameStack(kSocketStack.frames, &Symbol);
  EXPECT_EQ(stack.site(), "inet_create");
  EXPECT_THAT(stack.callers(5), testing::ElementsAre("inet_create"));
  EXPECT_EQ(NameStack({}, &Symbol).site(), "");
}

TEST(FunctionOf, DropsOffsetsAndCompilerSuffixes) {
  EXPECT_EQ(FunctionOf("inet_create.part.0+0x1b2/0x3a0"), "inet_create");
  EXPECT_EQ(FunctionOf("do_mlock"), "do_mlock");
  EXPECT_EQ(FunctionOf("ip_set_f.constprop.0.isra.0+0x1/0x2 [ip_set]"), "ip_set_f");
  EXPECT_EQ(FunctionOf(""), "");
}

}  // namespace
}  // namespace capmon
