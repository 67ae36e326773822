// SPDX-License-Identifier: Apache-2.0
#include "daemon/call_watch.h"

#include <algorithm>
#include <set>

namespace capmon {
namespace {

constexpr TimeNs kHour = 3600 * kSecond;
// Less is not worth beginning with.
constexpr TimeNs kLeast = 2 * kSecond;

}  // namespace

bool CallWatch::Decide(TimeNs now, const std::vector<YoungContainer>& young) {
  Spend(now);
  NoteStarts(young);
  const bool starting = std::ranges::any_of(
      young, [this](const YoungContainer& container) { return Needs(container); });
  const bool gated = std::ranges::any_of(young, &YoungContainer::gated);
  const TimeNs least = on_ ? 0 : std::min(kLeast, options_.per_hour / 2);
  // Gated calls may come at any time: they leave one half to starts.
  on_ = (starting && left_ > least) || (gated && left_ > options_.per_hour / 2 + least);
  if (!on_)
    for (auto& [key, start] : starts_) start.whole = false;
  return on_;
}

void CallWatch::Spend(TimeNs now) {
  const TimeNs passed = decided_ == 0 ? 0 : std::max<TimeNs>(now - decided_, 0);
  decided_ = now;
  // Not passed * per_hour: that is too large after some hours.
  const double returned =
      static_cast<double>(passed) * (static_cast<double>(options_.per_hour) / kHour);
  left_ = std::min(options_.per_hour, left_ + static_cast<TimeNs>(returned));
  if (!on_) return;
  left_ -= passed;
  watched_ += passed;
}

bool CallWatch::IsKnown(const std::string& program) const {
  const auto found = programs_.find(program);
  return found != programs_.end() && found->second >= kStarts;
}

bool CallWatch::Needs(const YoungContainer& container) const {
  if (container.age >= kStartUp) return !options_.ends_awaited && container.since_news < kAfterNews;
  if (!options_.ends_awaited) return true;
  const std::string& program = starts_.at(container.key).program;
  // Before its program runs, what was started lately is the best guess of what is starting now.
  return program.empty() ? known_in_a_row_ < kStarts : !IsKnown(program);
}

// A start ends when the container is old enough, or is gone.
void CallWatch::NoteStarts(const std::vector<YoungContainer>& young) {
  std::set<std::string> starting;
  for (const YoungContainer& container : young) {
    if (container.age >= kStartUp) continue;
    starting.insert(container.key);
    Start& start = starts_[container.key];
    if (!start.program.empty() || container.program.empty()) continue;
    start.program = container.program;
    known_in_a_row_ = IsKnown(start.program) ? known_in_a_row_ + 1 : 0;
  }
  std::erase_if(starts_, [&](const auto& entry) {
    if (starting.contains(entry.first)) return false;
    NoteEnd(entry.second);
    return true;
  });
}

void CallWatch::NoteEnd(const Start& start) {
  if (!start.whole || start.program.empty()) return;
  if (programs_.size() >= kMaxPrograms && !programs_.contains(start.program)) programs_.clear();
  ++programs_[start.program];
}

}  // namespace capmon
