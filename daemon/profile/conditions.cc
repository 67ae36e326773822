// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/conditions.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "daemon/profile/inside_user.h"

namespace capmon {
namespace {

constexpr char kCommand[] = "command";
constexpr char kProgram[] = "program";

// "6.18" of "6.18.3-amd64".
std::string KernelSeries(const std::string& release) {
  const size_t minor = release.find('.');
  return minor == release.npos ? release
                               : release.substr(0, release.find_first_of(".-+", minor + 1));
}

std::string UserOf(const Profile& profile) {
  const std::optional<HeldSets>& held = profile.held ? profile.held : profile.container.granted;
  if (!held) return "";
  const auto inside = InsideUser(profile);
  const std::string user = inside ? std::to_string(*inside) : fmt::format("{} outside", held->uid);
  return held->userns_level == 0 ? user : user + " of a user namespace";
}

std::string ProgramStartedBy(const Profile& profile) {
  if (profile.starts == 0 || profile.entry_arguments == 0 || !profile.held) return "";
  return fmt::format("{} {:08x}", profile.held->path, profile.entry_arguments);
}

const std::string* ConditionIn(const Conditions& all, const std::string& name) {
  const auto found = all.find(name);
  return found == all.end() ? nullptr : &found->second;
}

// Of the two words about the command line, one may be missing.
std::string WhyOtherCommand(const Conditions& tried, const Conditions& now) {
  bool compared = false;
  for (const char* name : {kCommand, kProgram}) {
    const std::string* const then = ConditionIn(tried, name);
    const std::string* const here = ConditionIn(now, name);
    if (then == nullptr || here == nullptr) continue;
    if (*then != *here) return "it was tried with another command line than this one";
    compared = true;
  }
  return compared ? "" : "whether it was tried with this command line is not known";
}

}  // namespace

Conditions ConditionsOf(const Profile& profile) {
  Conditions conditions;
  const auto put = [&](const std::string& name, std::string value) {
    if (!value.empty() && conditions.size() < kMaxConditions)
      conditions[name] = std::move(value).substr(0, kMaxConditionBytes);
  };
  put(kCommand, profile.container.command);
  put(kProgram, ProgramStartedBy(profile));
  put("user", UserOf(profile));
  put("kernel", KernelSeries(profile.kernel));
  for (const auto& [name, value] : profile.surroundings) put(name, value);
  return conditions;
}

std::string WhyOtherConditions(const Conditions& tried, const Conditions& now) {
  if (std::string why = WhyOtherCommand(tried, now); !why.empty()) return why;
  std::set<std::string> names;
  for (const Conditions* all : {&tried, &now})
    for (const auto& [name, value] : *all) names.insert(name);
  names.erase(kCommand);
  names.erase(kProgram);
  for (const std::string& name : names) {
    const std::string* const then = ConditionIn(tried, name);
    const std::string* const here = ConditionIn(now, name);
    if (then == nullptr || here == nullptr)
      return fmt::format("whether it was tried with the same {} is not known", name);
    if (*then != *here)
      return fmt::format("it was tried with {} {}, and has {}", name, *then, *here);
  }
  return "";
}

}  // namespace capmon
