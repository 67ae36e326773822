// SPDX-License-Identifier: Apache-2.0
#include "daemon/sink/backoff.h"

#include <algorithm>

namespace capmon {

bool NeedsPerson(const absl::Status& status) {
  return absl::IsPermissionDenied(status) || absl::IsUnauthenticated(status) ||
         absl::IsFailedPrecondition(status) || absl::IsInvalidArgument(status);
}

Backoff::Milliseconds Backoff::Next(const absl::Status& status, std::optional<Milliseconds> wish) {
  constexpr int kMaxDoublings = 16;
  const Milliseconds full =
      NeedsPerson(status) ? kSlow
                          : std::min(kMax, kFirst * (1 << std::min(failures_, kMaxDoublings)));
  ++failures_;
  std::uniform_int_distribution<Milliseconds::rep> part(full.count() / 2, full.count());
  const Milliseconds delay(part(random_));
  if (!wish) return delay;
  return std::max(delay, std::clamp(*wish, Milliseconds(0), kMaxWish));
}

}  // namespace capmon
