// SPDX-License-Identifier: Apache-2.0
// The kernel functions that led to a check, nearest first. Containers do the same things, so equal
// stacks share their memory.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

namespace capmon {

class CallStack {
 public:
  CallStack() = default;
  CallStack(std::vector<std::string> functions);  // a list of functions is a stack
  CallStack(std::initializer_list<std::string> functions)
      : CallStack(std::vector<std::string>(functions)) {}

  const std::vector<std::string>& functions() const;
  operator const std::vector<std::string>&() const { return functions(); }

  bool empty() const { return functions_ == nullptr; }
  auto begin() const { return functions().begin(); }
  auto end() const { return functions().end(); }

  friend bool operator==(const CallStack& a, const CallStack& b) {
    return a.functions_ == b.functions_ || a.functions() == b.functions();
  }
  friend bool operator<(const CallStack& a, const CallStack& b) {
    return a.functions_ != b.functions_ && a.functions() < b.functions();
  }

 private:
  std::shared_ptr<const std::vector<std::string>> functions_;  // null: none
};

}  // namespace capmon
