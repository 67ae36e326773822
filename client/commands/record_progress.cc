// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/base/quoted.h"
#include "client/base/text.h"
#include "client/commands/record_command.h"

namespace capmon {
namespace {

constexpr int64_t kLongest = 7 * 24 * 3600;  // seconds

std::string Ago(RecordProgress::Clock::duration time) {
  return Duration(std::chrono::duration_cast<std::chrono::seconds>(time).count());
}

std::string Counted(uint64_t count, const char* one, const char* many) {
  return absl::StrCat(Grouped(count), " ", count == 1 ? one : many);
}

}  // namespace

absl::StatusOr<std::chrono::seconds> ParseDuration(const std::string& text) {
  const auto refused = absl::InvalidArgumentError(
      absl::StrCat(Quoted(text), " is no duration; write it like 90s, 3m or 1h, a week at most"));
  if (text.empty()) return refused;
  const char unit = text.back();
  const int64_t scale = unit == 's' ? 1 : unit == 'm' ? 60 : unit == 'h' ? 3600 : 0;
  int64_t number = 0;
  const std::string digits = text.substr(0, text.size() - 1);
  if (scale == 0 || digits.empty() || digits.size() > 6 ||
      !std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; }) ||
      !absl::SimpleAtoi(digits, &number) || number == 0 || number * scale > kLongest)
    return refused;
  return std::chrono::seconds(number * scale);
}

void RecordProgress::Take(const v1::Profile& profile, Clock::time_point now) {
  std::string added;
  for (const std::string& capability : profile.recommendation().keep())
    if (needs_.insert(ShortName(capability)).second) added = ShortName(capability);
  if (!added.empty() && !first_) {
    last_new_ = added;
    last_new_at_ = now;
  }
  const v1::Confidence& confidence = profile.confidence();
  const bool stable = IsStable(confidence);
  news_ |= first_ || !added.empty() || stable != stable_ || confidence.starts() != starts_ ||
           confidence.lost() != lost_;
  stable_ = stable;
  starts_ = confidence.starts();
  lost_ = confidence.lost();
  state_ = confidence.state();
  missing_ = absl::StrJoin(confidence.open_conditions(), "; ");
  to_complete_ = absl::StrJoin(confidence.to_complete(), "; ");
  first_ = false;
}

std::string RecordProgress::Line(Clock::time_point now) const {
  const std::string last = last_new_.empty() ? ""
                                             : absl::StrCat(", last new ", last_new_, " ",
                                                            Ago(now - last_new_at_), " ago");
  std::string line =
      absl::StrCat(Ago(now - started_), ": ", Counted(starts_, "start", "starts"), ", ",
                   Counted(needs_.size(), "need", "needs"), last, ", ", Grouped(lost_), " lost");
  const std::string later = to_complete_.empty() ? "" : "; to be complete: " + to_complete_;
  if (stable_) return absl::StrCat(line, "; ", state_, later);
  return absl::StrCat(line, missing_.empty() ? "" : "; missing: ", missing_, later);
}

}  // namespace capmon
