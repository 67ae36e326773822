// SPDX-License-Identifier: Apache-2.0
// Compose files.
#include <algorithm>
#include <optional>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/manifest/fields.h"
#include "client/manifest/manifest.h"
#include "daemon/model/workload.h"

namespace capmon {
namespace {

// The words that Docker and Podman read as a boolean in an option.
std::optional<bool> OptionFlag(std::string_view word) {
  for (const std::string_view yes : {"1", "t", "T", "TRUE", "true", "True"})
    if (word == yes) return true;
  for (const std::string_view no : {"0", "f", "F", "FALSE", "false", "False"})
    if (word == no) return false;
  return std::nullopt;
}

// "no-new-privileges", "no-new-privileges:true", "no-new-privileges=true"
void ReadSecurityOptions(const std::vector<Word>& options, ManifestContainer& container) {
  constexpr std::string_view kName = "no-new-privileges";
  for (const Word& option : options) {
    if (!option.text.starts_with(kName)) continue;
    const std::string_view rest = std::string_view(option.text).substr(kName.size());
    const bool has_word = rest.starts_with(':') || rest.starts_with('=');
    const std::optional<bool> on = rest.empty() ? true
                                   : has_word   ? OptionFlag(rest.substr(1))
                                                : std::nullopt;
    if (on)
      container.escalation = {!*on, option.place};
    else
      container.findings.push_back({Rule::kMalformed, FindingLevel::kError, option.place,
                                    "no-new-privileges takes true or false"});
  }
}

// "1000", "1000:1000", "root"; other names mean what the image's /etc/passwd says.
void ReadUser(Fields& fields, ManifestContainer& container) {
  const std::string text = fields.Text("user");
  const std::string user = text.substr(0, text.find(':'));
  container.user.place = fields.PlaceOf("user");
  int64_t number = 0;
  if (user == "root")
    container.user.value = 0;
  else if (!user.empty() && absl::ascii_isdigit(static_cast<unsigned char>(user[0])) &&
           absl::SimpleAtoi(user, &number))
    container.user.value = number;
}

// A map, or a list of "NAME=VALUE".
std::string WorkloadLabelOf(const YamlMember& service, ManifestFindings& findings) {
  const YamlMember* const labels = service.value.Find("labels");
  if (labels == nullptr) return "";
  if (labels->value.is_map())
    return Fields(labels->value, labels->place, findings).Text(kWorkloadLabel);
  const std::string begin = absl::StrCat(kWorkloadLabel, "=");
  for (const YamlValue& item : labels->value.items)
    if (item.is_text() && item.text.starts_with(begin)) return item.text.substr(begin.size());
  return "";
}

void ReadService(const YamlMember& member, const ManifestContainer& common, Manifest& manifest) {
  ManifestContainer container = common;
  container.place = member.place;
  container.name = member.key;
  Fields fields(member.value, member.place, container.findings);
  container.image = fields.Text("image");
  container.label = WorkloadLabelOf(member, container.findings);
  fields.Words("cap_add", container.add, container.adds);
  fields.Words("cap_drop", container.drop, container.drops);
  fields.FlagOrText("privileged", container.privileged);
  std::vector<Word> options;
  fields.Words("security_opt", options, container.escalation);
  container.escalation.value.reset();
  ReadSecurityOptions(options, container);
  ReadUser(fields, container);
  if (const YamlMember* const extends = member.value.Find("extends"))
    container.findings.push_back({Rule::kNotFollowed, FindingLevel::kWarning, extends->place,
                                  "extends is not followed: check the output of docker compose "
                                  "config"});
  manifest.containers.push_back(std::move(container));
}

}  // namespace

bool ReadCompose(const YamlValue& document, const std::string& project, Manifest& manifest) {
  const YamlMember* const services = document.Find("services");
  if (services == nullptr || document.Find("kind") != nullptr) return false;
  if (!services->value.is_map()) {
    manifest.findings.push_back(
        {Rule::kMalformed, FindingLevel::kError, services->value.place, "services takes a map"});
    return true;
  }
  ManifestContainer common;
  common.origin = ManifestContainer::Origin::kCompose;
  common.list = "services";
  common.owner = Fields(document, document.place, manifest.findings).Text("name");
  common.project_named = !common.owner.empty() && common.owner.find("${") == common.owner.npos;
  if (!common.project_named) common.owner = project;
  if (const YamlMember* const include = document.Find("include"))
    manifest.findings.push_back({Rule::kNotFollowed, FindingLevel::kWarning, include->place,
                                 "include is not followed: check the output of docker compose "
                                 "config"});
  for (const YamlMember& member : services->value.members) {
    if (member.value.is_map())
      ReadService(member, common, manifest);
    else
      manifest.findings.push_back(
          {Rule::kMalformed, FindingLevel::kError, member.place, "a service takes a map"});
  }
  return true;
}

}  // namespace capmon
