// SPDX-License-Identifier: Apache-2.0
// Kernel addresses to "function+0x12/0x34": asked of the kernel through BPF, which needs no right
// to read kallsyms; from kallsyms where that is not possible. Remembers what it was told.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <unordered_map>

namespace capmon {

class KernelSymbols {
 public:
  explicit KernelSymbols(std::function<std::string(uint64_t)> ask_kernel);

  // "" if not known.
  const std::string& Name(uint64_t address);

 private:
  std::string FromKallsyms(uint64_t address);

  static constexpr size_t kMaxRemembered = 65536;
  std::function<std::string(uint64_t)> ask_kernel_;
  std::unordered_map<uint64_t, std::string> remembered_;
  std::map<uint64_t, std::string> kallsyms_;  // read only when the kernel does not answer
  bool kallsyms_read_ = false;
};

}  // namespace capmon
