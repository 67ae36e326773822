// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/kernel_symbols.h"

#include <fstream>

namespace capmon {

KernelSymbols::KernelSymbols(std::function<std::string(uint64_t)> ask_kernel)
    : ask_kernel_(std::move(ask_kernel)) {}

const std::string& KernelSymbols::Name(uint64_t address) {
  if (remembered_.size() >= kMaxRemembered) remembered_.clear();
  auto [entry, fresh] = remembered_.try_emplace(address);
  if (fresh) {
    entry->second = ask_kernel_(address);
    if (entry->second.empty()) entry->second = FromKallsyms(address);
  }
  return entry->second;
}

std::string KernelSymbols::FromKallsyms(uint64_t address) {
  if (!kallsyms_read_) {
    kallsyms_read_ = true;
    std::ifstream file("/proc/kallsyms");
    std::string type, name, rest;
    for (uint64_t value = 0; file >> std::hex >> value >> type >> name;) {
      std::getline(file, rest);
      // All zeroes: we are not allowed to see them.
      if (value != 0 && (type == "t" || type == "T")) kallsyms_[value] = name;
    }
  }
  // A return address may be one past the end of a function that never returns.
  auto after = kallsyms_.lower_bound(address);
  if (after == kallsyms_.begin()) return "";
  return std::prev(after)->second;
}

}  // namespace capmon
