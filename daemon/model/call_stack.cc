// SPDX-License-Identifier: Apache-2.0
#include "daemon/model/call_stack.h"

#include <mutex>
#include <set>
#include <utility>

namespace capmon {
namespace {

using Functions = std::vector<std::string>;
using SharedFunctions = std::shared_ptr<const Functions>;

struct ByFunctions {
  using is_transparent = void;
  static const Functions& Of(const SharedFunctions& shared) { return *shared; }
  static const Functions& Of(const Functions& functions) { return functions; }
  bool operator()(const auto& a, const auto& b) const { return Of(a) < Of(b); }
};

// The stacks in use. Any thread.
class Stacks {
 public:
  SharedFunctions Share(Functions functions) {
    const std::lock_guard lock(mutex_);
    const auto known = stacks_.find(functions);
    if (known != stacks_.end()) return *known;
    auto shared = std::make_shared<const Functions>(std::move(functions));
    if (stacks_.size() >= kMost) std::erase_if(stacks_, &IsUnused);
    if (stacks_.size() < kMost) stacks_.insert(shared);
    return shared;
  }

 private:
  static constexpr size_t kMost = 8192;  // the others have memory of their own

  static bool IsUnused(const SharedFunctions& shared) { return shared.use_count() == 1; }

  std::mutex mutex_;
  std::set<SharedFunctions, ByFunctions> stacks_;
};

}  // namespace

CallStack::CallStack(std::vector<std::string> functions) {
  static Stacks& stacks = *new Stacks;  // other objects with static life may have stacks to the end
  if (!functions.empty()) functions_ = stacks.Share(std::move(functions));
}

const std::vector<std::string>& CallStack::functions() const {
  static const Functions kNone;
  return functions_ == nullptr ? kNone : *functions_;
}

}  // namespace capmon
