// SPDX-License-Identifier: Apache-2.0
// Sends values from one publisher, which never waits, to any number of readers. A slow reader loses
// its oldest values and gets their number. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace capmon {

template <typename T>
class Broadcast {
 public:
  class Subscription {
   public:
    struct Item {
      T value;
      uint64_t dropped = 0;  // values lost just before this one
    };

    // Returns the next value; nothing if none arrives within `patience` or the broadcast is closed.
    std::optional<Item> Next(std::chrono::milliseconds patience) {
      std::unique_lock lock(mutex_);
      arrived_.wait_for(lock, patience, [this] { return closed_ || !values_.empty(); });
      if (values_.empty()) return std::nullopt;
      Item item{std::move(values_.front()), std::exchange(dropped_, 0)};
      values_.pop_front();
      return item;
    }
    // True if no more values will arrive.
    bool closed() {
      std::lock_guard lock(mutex_);
      return closed_ && values_.empty();
    }

   private:
    friend class Broadcast;
    explicit Subscription(size_t capacity) : capacity_(capacity) {}

    void Push(const T& value) {
      {
        std::lock_guard lock(mutex_);
        if (values_.size() >= capacity_) {
          values_.pop_front();
          ++dropped_;
        }
        values_.push_back(value);
      }
      arrived_.notify_one();
    }
    void Close() {
      {
        std::lock_guard lock(mutex_);
        closed_ = true;
      }
      arrived_.notify_all();
    }

    const size_t capacity_;
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<T> values_;
    uint64_t dropped_ = 0;
    bool closed_ = false;
  };

  explicit Broadcast(size_t capacity) : capacity_(capacity) {}
  ~Broadcast() { Close(); }

  std::shared_ptr<Subscription> Subscribe() {
    std::shared_ptr<Subscription> subscription(new Subscription(capacity_));
    std::lock_guard lock(mutex_);
    if (closed_) subscription->Close();
    readers_.push_back(subscription);
    return subscription;
  }

  void Publish(const T& value) {
    std::lock_guard lock(mutex_);
    std::erase_if(readers_, [](const auto& reader) { return reader.expired(); });
    for (const auto& reader : readers_)
      if (auto subscription = reader.lock()) subscription->Push(value);
  }

  bool has_readers() {
    std::lock_guard lock(mutex_);
    std::erase_if(readers_, [](const auto& reader) { return reader.expired(); });
    return !readers_.empty();
  }

  void Close() {
    std::lock_guard lock(mutex_);
    closed_ = true;
    for (const auto& reader : readers_)
      if (auto subscription = reader.lock()) subscription->Close();
  }

 private:
  const size_t capacity_;
  std::mutex mutex_;
  std::vector<std::weak_ptr<Subscription>> readers_;
  bool closed_ = false;
};

}  // namespace capmon
