// SPDX-License-Identifier: Apache-2.0
// Learns, from unwound stacks, in which slots above the hook the asking function's return address
// sits, so that the kernel side need not unwind. Pure; see struct capmon_stack_layout.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bpf/capmon_events.h"

namespace capmon {

// "inet_create+0x1b2/0x3a0" -> "inet_create"; compiler suffixes (".isra.0", ".part.0") go too.
std::string FunctionOf(std::string_view symbol);
// The kernel's own ways to ask: capable(), ns_capable() ... The call site is above them.
bool IsWrapper(std::string_view function);
// How a stack begins, between the kernel's own code and our program: the program itself, what
// called it, and the function it hangs on where that has a frame.
bool IsMachinery(std::string_view function);
// Checks for no process: the memory-overcommit test.
bool IsQuiet(std::string_view function);

using Symbolizer = std::function<std::string(uint64_t address)>;  // "" when unknown

// An unwound stack with names, cut to what is above the hook.
struct NamedStack {
  uint64_t anchor = 0;  // the last address below the cut
  std::vector<uint64_t> addresses;
  std::vector<std::string> functions;
  // The nearest function that is not a wrapper; "" if there is none.
  std::string site() const;
  // From the site on, at most `limit`.
  std::vector<std::string> callers(size_t limit) const;
};
NamedStack NameStack(std::span<const __u64> frames, const Symbolizer& symbolize);

class StackLayout {
 public:
  // Takes what one sample shows. True when there was something new: write it to the kernel side.
  bool Learn(std::span<const __u64> frames, std::span<const __u64> words,
             const Symbolizer& symbolize);

  // Goes on from what was learned before, as layout() and table() told it.
  void Restore(const capmon_stack_layout& layout, std::span<const capmon_frame> table);

  capmon_stack_layout layout() const { return layout_; }
  // The table in slot order, empty entries included.
  std::vector<capmon_frame> table() const;

 private:
  bool LearnAnchor(std::span<const __u64> words, uint64_t anchor, uint64_t caller);
  void ChooseMultiplier();

  capmon_stack_layout layout_{};
  std::map<uint64_t, capmon_frame> frames_;  // by return address
};

}  // namespace capmon
