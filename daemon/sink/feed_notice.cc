// SPDX-License-Identifier: Apache-2.0
#include "daemon/sink/feed_notice.h"

#include "absl/strings/str_cat.h"

namespace capmon {
namespace {

std::string Sentence(const std::string& feed, const FeedLoss& loss) {
  std::string text =
      absl::StrCat(loss.queue + loss.spool, " alerts of feed ", feed, " were dropped: ");
  if (loss.spool != 0)
    absl::StrAppend(&text, loss.spool, " with numbers ", loss.first, " to ", loss.last,
                    " because the spool was full, damaged or could not be written");
  if (loss.queue != 0)
    absl::StrAppend(&text, loss.spool != 0 ? ", " : "", loss.queue,
                    " without a number because the queue in memory was full");
  return text;
}

}  // namespace

Alert LossNotice(const std::string& feed, const FeedLoss& loss, TimeNs now) {
  const uint64_t lost = loss.queue + loss.spool;
  Alert alert = MakeFeedAlert(absl::StrCat("loss:", feed), Sentence(feed, loss), lost, now);
  alert.event_id = absl::StrCat(alert.id, ":", now);
  alert.severity = Severity::kHigh;
  alert.next = "capmon sink list";
  return alert;
}

Alert TestAlert(const std::string& sink, TimeNs now) {
  Alert alert =
      MakeFeedAlert(absl::StrCat("test:", sink),
                    absl::StrCat("This is a test of the sink ", sink,
                                 " by capmon sink test; nothing happened in a container."),
                    1, now);
  alert.rule_name = "Test of a sink";
  alert.severity = Severity::kInfo;
  alert.next = "capmon sink list";
  return alert;
}

}  // namespace capmon
