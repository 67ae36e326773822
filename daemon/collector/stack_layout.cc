// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/stack_layout.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "bpf/return_address.h"

namespace capmon {
namespace {

constexpr size_t kMaxFrames = 64;  // far below CAPMON_FRAME_SLOTS, so that a multiplier is found

std::optional<uint32_t> OffsetOf(std::span<const __u64> words, uint64_t address, size_t from) {
  for (size_t i = from; i < words.size(); ++i)
    if (CAPMON_RETURN_ADDRESS(words[i]) == address)
      return static_cast<uint32_t>(i * sizeof(uint64_t));
  return std::nullopt;
}

}  // namespace

std::string FunctionOf(std::string_view symbol) {
  return std::string(symbol.substr(0, symbol.find_first_of("+.")));
}

bool IsMachinery(std::string_view function) {
  static constexpr std::array<std::string_view, 8> kMachinery = {
      "bpf_prog_",   "bpf_trampoline_", "bpf_trace_run", "__traceiter_",
      "cap_capable", "arch_rethook",    "__kretprobe",   "kretprobe"};
  return std::any_of(kMachinery.begin(), kMachinery.end(),
                     [&](std::string_view prefix) { return function.starts_with(prefix); });
}

bool IsWrapper(std::string_view function) {
  static constexpr std::array<std::string_view, 13> kWrappers = {"security_capable",
                                                                 "capable",
                                                                 "ns_capable",
                                                                 "ns_capable_noaudit",
                                                                 "ns_capable_setid",
                                                                 "ns_capable_common",
                                                                 "file_ns_capable",
                                                                 "has_capability",
                                                                 "has_ns_capability",
                                                                 "has_capability_noaudit",
                                                                 "has_ns_capability_noaudit",
                                                                 "capable_wrt_inode_uidgid",
                                                                 "ptracer_capable"};
  return std::find(kWrappers.begin(), kWrappers.end(), function) != kWrappers.end();
}

bool IsQuiet(std::string_view function) {
  return function == "security_vm_enough_memory_mm" || function == "cap_vm_enough_memory";
}

std::string NamedStack::site() const {
  for (const std::string& function : functions)
    if (!IsWrapper(function)) return function;
  return "";
}

std::vector<std::string> NamedStack::callers(size_t limit) const {
  const auto first = std::find_if_not(functions.begin(), functions.end(), IsWrapper);
  const auto room = static_cast<size_t>(functions.end() - first);
  return {first, first + static_cast<ptrdiff_t>(std::min(limit, room))};
}

NamedStack NameStack(std::span<const __u64> frames, const Symbolizer& symbolize) {
  NamedStack stack;
  for (uint64_t address : frames) {
    if (address == 0) break;
    std::string function = FunctionOf(symbolize(address));
    if (stack.functions.empty() && IsMachinery(function)) {
      stack.anchor = address;
      continue;
    }
    stack.addresses.push_back(address);
    stack.functions.push_back(std::move(function));
  }
  return stack;
}

bool StackLayout::LearnAnchor(std::span<const __u64> words, uint64_t anchor, uint64_t caller) {
  // There is none where the hook was jumped to, or is a kprobe.
  const std::optional<uint32_t> anchor_offset =
      anchor == 0 ? std::nullopt : OffsetOf(words, anchor, 0);
  const size_t from = anchor_offset ? *anchor_offset / sizeof(uint64_t) + 1 : 0;
  const std::optional<uint32_t> caller_offset = OffsetOf(words, caller, from);
  if (!caller_offset) return false;
  capmon_stack_layout fresh = layout_;
  fresh.anchor = anchor_offset ? anchor : 0;
  fresh.anchor_offset = anchor_offset.value_or(0);
  fresh.caller_offset = *caller_offset;
  fresh.known = 1;
  const bool changed = fresh.anchor != layout_.anchor || !layout_.known ||
                       fresh.anchor_offset != layout_.anchor_offset ||
                       fresh.caller_offset != layout_.caller_offset;
  layout_ = fresh;
  return changed;
}

bool StackLayout::Learn(std::span<const __u64> frames, std::span<const __u64> words,
                        const Symbolizer& symbolize) {
  const NamedStack stack = NameStack(frames, symbolize);
  if (stack.addresses.empty()) return false;
  bool news = LearnAnchor(words, stack.anchor, stack.addresses[0]);
  if (!layout_.known) return false;

  uint32_t offset = layout_.caller_offset;
  for (size_t i = 0; i + 1 < stack.addresses.size(); ++i) {
    const uint64_t address = stack.addresses[i];
    const bool quiet = IsQuiet(stack.functions[i]);
    if (!quiet && !IsWrapper(stack.functions[i])) break;
    const std::optional<uint32_t> next =
        OffsetOf(words, stack.addresses[i + 1], offset / sizeof(uint64_t) + 1);
    if (!quiet && !next) break;
    if (!frames_.contains(address) && frames_.size() < kMaxFrames) {
      frames_[address] = {address, quiet ? 0 : *next - offset,
                          static_cast<uint32_t>(quiet ? CAPMON_FRAME_QUIET : 0)};
      ChooseMultiplier();
      news = true;
    }
    if (quiet) break;
    offset = *next;
  }
  return news;
}

void StackLayout::ChooseMultiplier() {
  // Odd multipliers of the golden-ratio kind until no two known addresses share a slot.
  for (uint32_t multiplier = 2654435769u;; multiplier += 0x9e3779b2u) {
    std::array<bool, CAPMON_FRAME_SLOTS> taken{};
    const bool collides = std::any_of(frames_.begin(), frames_.end(), [&](const auto& entry) {
      return std::exchange(taken[CAPMON_FRAME_SLOT(entry.first, multiplier)], true);
    });
    layout_.multiplier = multiplier;
    if (!collides) return;
  }
}

void StackLayout::Restore(const capmon_stack_layout& layout, std::span<const capmon_frame> table) {
  layout_ = layout;
  for (const capmon_frame& frame : table)
    if (frame.address != 0) frames_[frame.address] = frame;
}

std::vector<capmon_frame> StackLayout::table() const {
  std::vector<capmon_frame> slots(CAPMON_FRAME_SLOTS);
  for (const auto& [address, frame] : frames_)
    slots[CAPMON_FRAME_SLOT(address, layout_.multiplier)] = frame;
  return slots;
}

}  // namespace capmon
