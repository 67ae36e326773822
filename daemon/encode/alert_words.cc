// SPDX-License-Identifier: Apache-2.0
#include "daemon/encode/alert_words.h"

#include "absl/strings/str_cat.h"

namespace capmon {

std::string TitleOf(const Alert& alert) {
  return alert.rule_name.empty() ? Name(alert.kind) : alert.rule_name;
}

std::string DecisionOf(const Alert& alert) {
  if (!alert.has_capability) return "";
  return alert.granted ? "granted" : "denied";
}

std::string ExecutableOf(const Alert& alert) {
  return alert.process.executable.empty() ? alert.binary : alert.process.executable;
}

bool Concerns(const Container& container) { return !IdOf(container).empty(); }

std::string IdOf(const Container& container) {
  return container.id.empty() ? container.key : container.id;
}

std::vector<std::string> UnreadOf(const Alert& alert) {
  std::vector<std::string> unread;
  for (const auto& [field, reason] : alert.unread)
    unread.push_back(absl::StrCat(field, ": ", reason));
  return unread;
}

bool IsSubTechnique(const Technique& technique) {
  return technique.id.find('.') != technique.id.npos;
}

std::string ParentOf(const Technique& technique) {
  return technique.id.substr(0, technique.id.find('.'));
}

}  // namespace capmon
