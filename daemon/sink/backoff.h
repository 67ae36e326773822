// SPDX-License-Identifier: Apache-2.0
// How long to wait before a receiver is tried again.
#pragma once

#include <chrono>
#include <optional>
#include <random>

#include "absl/status/status.h"

namespace capmon {

// Doubles from half a second to half a minute, and takes a random part of it away, so that many
// senders do not return at once.
class Backoff {
 public:
  using Milliseconds = std::chrono::milliseconds;

  explicit Backoff(uint32_t seed) : random_(seed) {}

  // `wish` is the receiver's (Retry-After); at most kMaxWish.
  Milliseconds Next(const absl::Status& status, std::optional<Milliseconds> wish);
  void Reset() { failures_ = 0; }

  static constexpr Milliseconds kFirst{500}, kMax{30'000};
  // For what only a person can fix: a wrong password, certificate or address.
  static constexpr Milliseconds kSlow{60'000};
  static constexpr Milliseconds kMaxWish{600'000};

 private:
  std::mt19937 random_;
  int failures_ = 0;
};

// True if only a person can fix it.
bool NeedsPerson(const absl::Status& status);

}  // namespace capmon
