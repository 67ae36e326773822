// SPDX-License-Identifier: Apache-2.0
// A bounded queue in which owners take turns: an owner with many items delays and displaces only
// its own.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace capmon {

template <typename Item>
class FairQueue {
 public:
  FairQueue(size_t max_each, size_t max_all) : max_each_(max_each), max_all_(max_all) {}

  // Returns the item that was dropped: the new one; or, if all owners together have too many, the
  // newest one of the owner with the most.
  std::optional<Item> Push(const std::string& owner, Item item) {
    const auto own = queues_.find(owner);
    const size_t count = own == queues_.end() ? 0 : own->second.size();
    if (count >= max_each_) return item;
    std::optional<Item> displaced;
    if (size_ >= max_all_) {
      const auto most = std::ranges::max_element(
          queues_, {}, [](const auto& entry) { return entry.second.size(); });
      if (most == queues_.end() || most->second.size() <= std::max<size_t>(count, 1)) return item;
      displaced = std::move(most->second.back());
      most->second.pop_back();
      --size_;
    }
    if (count == 0) turns_.push_back(owner);
    queues_[owner].push_back(std::move(item));
    ++size_;
    return displaced;
  }

  // Returns the oldest item of the owner whose turn it is.
  std::optional<Item> Pop() {
    if (turns_.empty()) return std::nullopt;
    std::string owner = std::move(turns_.front());
    turns_.pop_front();
    const auto own = queues_.find(owner);
    Item item = std::move(own->second.front());
    own->second.pop_front();
    --size_;
    if (own->second.empty())
      queues_.erase(own);
    else
      turns_.push_back(std::move(owner));
    return item;
  }

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }

 private:
  const size_t max_each_, max_all_;
  std::map<std::string, std::deque<Item>> queues_;  // of owners with items
  std::deque<std::string> turns_;                   // the same owners, in the order of their turns
  size_t size_ = 0;
};

}  // namespace capmon
