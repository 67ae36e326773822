// SPDX-License-Identifier: Apache-2.0
#include "client/commands/compose_container.h"

#include <cstdlib>
#include <filesystem>
#include <set>
#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/base/quoted.h"
#include "common/file_text.h"
#include "common/json.h"
#include "common/yaml/yaml_reader.h"

namespace capmon {
namespace {

using nlohmann::json;

constexpr char kServiceLabel[] = "com.docker.compose.service";

std::string Label(const json& container, const char* name) {
  return TextAt(container, {"Labels", absl::StrCat("com.docker.compose.", name).c_str()});
}

// "My Shop" -> "myshop", as Compose does.
std::string ProjectName(const std::string& text) {
  std::string name;
  for (const char c : absl::AsciiStrToLower(text))
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-') name += c;
  return name.substr(std::min(name.size(), name.find_first_not_of("_-")));
}

bool IsFrom(const ComposeService& service, const json& container) {
  const std::vector<std::string> files =
      absl::StrSplit(Label(container, "project.config_files"), ',');
  return std::find(files.begin(), files.end(), service.file) != files.end();
}

// The list of those of the service that `fits` accepts.
template <typename Fits>
std::vector<json> Those(const ComposeService& service, const json& list, Fits fits) {
  std::vector<json> found;
  for (const json& container : list)
    if (Label(container, "service") == service.service && Label(container, "oneoff") != "True" &&
        fits(container))
      found.push_back(container);
  return found;
}

// Orders running ones first, then by their number in the service.
std::tuple<bool, int, std::string> Order(const json& container) {
  int number = 0;
  (void)absl::SimpleAtoi(Label(container, "container-number"), &number);
  return {TextAt(container, {"State"}) != "running", number, TextAt(container, {"Id"})};
}

std::string NameOf(const json& container) {
  const json* const names = At(container, {"Names"});
  const bool named =
      names != nullptr && names->is_array() && !names->empty() && names->front().is_string();
  const std::string name = named ? names->front().get<std::string>() : "";
  return name.starts_with('/') ? name.substr(1) : TextAt(container, {"Id"});
}

}  // namespace

absl::StatusOr<ComposeService> ServiceOf(const std::string& file, const std::string& text,
                                         const std::string& service,
                                         const std::string& environment) {
  const YamlStream stream = ReadYaml(text, {});
  if (stream.fault)
    return absl::InvalidArgumentError(absl::StrCat(file, ":", stream.fault->place.line,
                                                   " is no Compose file: ", stream.fault->what));
  const bool has =
      !stream.documents.empty() && stream.documents[0].At("services").Find(service) != nullptr;
  if (!has)
    return absl::InvalidArgumentError(absl::StrCat(file, " has no service ", Quoted(service)));
  const YamlValue& name = stream.documents[0].At("name");
  const std::string directory = std::filesystem::path(file).parent_path().filename();
  const std::string project = !environment.empty()                   ? environment
                              : name.is_text() && !name.text.empty() ? name.text
                                                                     : directory;
  return ComposeService{file, ProjectName(project), service};
}

absl::StatusOr<std::string> ContainerOf(const ComposeService& service, const json& list) {
  // The project may have been named on Compose's command line; the file is the better witness.
  std::vector<json> found =
      Those(service, list, [&](const json& one) { return IsFrom(service, one); });
  if (found.empty())
    found = Those(service, list,
                  [&](const json& one) { return Label(one, "project") == service.project; });
  if (found.empty())
    return absl::NotFoundError(absl::StrCat("the engine has no container of service ",
                                            Quoted(service.service), " of ", service.file,
                                            ", project ", Quoted(service.project)));
  std::set<std::string> projects;
  for (const json& container : found) projects.insert(Label(container, "project"));
  if (projects.size() > 1)
    return absl::FailedPreconditionError(absl::StrCat(
        "service ", Quoted(service.service), " of ", service.file, " runs in several projects: ",
        absl::StrJoin(projects, ", "), "; choose a container with --docker"));
  return NameOf(*std::min_element(found.begin(), found.end(), [](const json& a, const json& b) {
    return Order(a) < Order(b);
  }));
}

absl::StatusOr<std::string> FindComposeContainer(const DockerEngine& engine,
                                                 const std::string& file,
                                                 const std::string& service) {
  std::error_code error;
  const std::filesystem::path path = std::filesystem::canonical(file, error);
  if (error) return absl::NotFoundError(absl::StrCat("cannot read ", file, ": ", error.message()));
  const char* const environment = std::getenv("COMPOSE_PROJECT_NAME");
  const auto wanted =
      ServiceOf(path, TextOf(path), service, environment == nullptr ? "" : environment);
  if (!wanted.ok()) return wanted.status();
  const auto list = engine.List(kServiceLabel);
  if (!list.ok()) return list.status();
  return ContainerOf(*wanted, *list);
}

}  // namespace capmon
