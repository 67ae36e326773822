// SPDX-License-Identifier: Apache-2.0
// Gives the kernel's keys their names: the function that asked, the system call. Where an address
// does not say it, a sample's stack does. Pure but for the symbolizer it is given.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "bpf/capmon_events.h"
#include "daemon/collector/counter_ledger.h"
#include "daemon/collector/stack_layout.h"

namespace capmon {

class CheckNamer {
 public:
  explicit CheckNamer(Symbolizer symbolize) : symbolize_(std::move(symbolize)) {}

  // Fills in `resolved` and `site_certain` of a counter seen for the first time.
  void Resolve(const capmon_check_key& key, CounterLedger::Counter& counter) const;
  // The functions that led to a sampled check, nearest first. Names the counter's site, too, where
  // the key alone did not.
  std::vector<std::string> Callers(const capmon_check_record& record,
                                   CounterLedger::Counter& counter) const;
  // Adds what the sample shows to `layout`; true when there was something new.
  bool LearnStack(const capmon_check_record& record, StackLayout& layout) const;

 private:
  const Symbolizer symbolize_;
};

}  // namespace capmon
