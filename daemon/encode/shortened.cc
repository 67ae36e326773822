// SPDX-License-Identifier: Apache-2.0
#include "daemon/encode/shortened.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/utf8.h"
#include "daemon/encode/alert_text.h"

namespace capmon {
namespace {

constexpr size_t kLongestText[] = {0, 0, 1024, 256, 64, 16};  // by step
constexpr size_t kFewest = 4;                                 // of techniques, and of unread fields
constexpr int kListsToo = 4;                                  // the step that shortens them

bool Cut(std::string& text, size_t longest) {
  text = ToUtf8(text);
  if (text.size() <= longest) return false;
  text = absl::StrCat(std::string(Beginning(text, longest)), "...");
  return true;
}

void CutTexts(FeedMessage& message, int step) {
  Alert& alert = message.alert;
  AlertProcess& process = alert.process;
  Container& container = alert.container;
  if (step >= kListsToo) {
    alert.techniques.resize(std::min(alert.techniques.size(), kFewest));
    alert.unread.resize(std::min(alert.unread.size(), kFewest));
  }
  std::vector<std::string*> texts = {&alert.verdict,
                                     &alert.workload,
                                     &alert.site,
                                     &alert.syscall,
                                     &alert.binary,
                                     &alert.baseline,
                                     &alert.message,
                                     &alert.next,
                                     &alert.rule,
                                     &alert.rule_name,
                                     &process.parent_name,
                                     &process.name,
                                     &process.executable,
                                     &container.key,
                                     &container.id,
                                     &container.name,
                                     &container.runtime,
                                     &container.image,
                                     &container.pod,
                                     &container.pod_namespace,
                                     &container.pod_uid,
                                     &container.workload,
                                     &container.cgroup_path,
                                     &message.feed,
                                     &container.image_digest};
  for (Technique& technique : alert.techniques)
    texts.insert(texts.end(), {&technique.id, &technique.name});
  for (auto& [field, reason] : alert.unread) texts.insert(texts.end(), {&field, &reason});
  const size_t longest = kLongestText[step];
  const bool line_cut = Cut(process.command_line, longest);
  bool any_cut = false;
  for (std::string* const text : texts) any_cut = Cut(*text, longest) || any_cut;
  // The ids come last: receivers need them to find duplicates.
  if (step == kShorteningSteps)
    for (std::string* const id : {&alert.id, &alert.event_id}) any_cut = Cut(*id, 128) || any_cut;
  const std::string reason = absl::StrCat("cut after ", longest, " bytes");
  if (line_cut) alert.unread.emplace_back("process.command_line", reason);
  if (any_cut) alert.unread.emplace_back("other texts", reason);
}

}  // namespace

FeedMessage Shortened(FeedMessage message, int step) {
  Container& container = message.alert.container;
  const bool labels = step > 0 && !container.labels.empty();
  if (labels) container.labels.clear();
  if (step > 1) CutTexts(message, step);
  if (labels) message.alert.unread.emplace_back("container.labels", "left out of a long alert");
  return message;
}

}  // namespace capmon
