// SPDX-License-Identifier: Apache-2.0
#include "client/run/docker_engine.h"

#include <algorithm>
#include <cctype>
#include <chrono>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/json.h"
#include "common/percent.h"
#include "common/unix_http.h"

namespace capmon {
namespace {

using Json = nlohmann::json;

constexpr HttpLimits kLimits{.patience = std::chrono::seconds(60)};

// Checks Docker's own rule for names, which ids fulfil: the name becomes part of a URL.
bool IsName(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '_' || c == '.' || c == '-';
  });
}

absl::StatusOr<HttpAnswer> Ask(const std::string& socket, const HttpRequest& request) {
  auto answer = AskOverUnixSocket(socket, request, kLimits);
  // NOT_FOUND means that there is no such container.
  if (absl::IsNotFound(answer.status()))
    return absl::UnavailableError(
        absl::StrCat(answer.status().message(), "; start the engine, or give its socket"));
  return answer;
}

// Returns the engine's own error message.
std::string Complaint(const HttpAnswer& reply) {
  const std::string message = TextAt(ParseJson(reply.body), {"message"});
  if (!message.empty()) return message;
  return absl::StrCat("HTTP ", reply.code);
}

}  // namespace

absl::StatusOr<Json> DockerEngine::Inspect(const std::string& container) const {
  if (!IsName(container))
    return absl::InvalidArgumentError(
        absl::StrCat("\"", container, "\" is not the name of a Docker container"));
  const auto reply = Ask(socket_, {.target = absl::StrCat("/containers/", container, "/json")});
  if (!reply.ok()) return reply.status();
  if (reply->code == 404) return absl::NotFoundError(Complaint(*reply));
  Json inspected = ParseJson(reply->body);
  for (const char* name : {"Config", "HostConfig", "State"}) {
    const Json* const part = At(inspected, {name});
    if (reply->code != 200 || part == nullptr || !part->is_object())
      return absl::UnavailableError(
          absl::StrCat("cannot inspect ", container, ": ", Complaint(*reply)));
  }
  return inspected;
}

absl::StatusOr<Json> DockerEngine::List(const std::string& label) const {
  const std::string filters = Json{{"label", {label}}}.dump();
  const auto reply =
      Ask(socket_, {.target = "/containers/json?all=true&filters=" + PercentEncode(filters, "")});
  if (!reply.ok()) return reply.status();
  Json list = ParseJson(reply->body);
  if (reply->code != 200 || !list.is_array())
    return absl::UnavailableError(absl::StrCat("cannot list containers: ", Complaint(*reply)));
  return list;
}

absl::StatusOr<std::map<std::string, std::string>> DockerEngine::Labelled(
    const std::string& label) const {
  const auto list = List(label);
  if (!list.ok()) return list.status();
  std::map<std::string, std::string> found;
  for (const Json& container : *list) {
    const Json* const value = At(container, {"Labels", label.c_str()});
    const std::string id = TextAt(container, {"Id"});
    if (IsName(id) && value != nullptr && value->is_string()) found[id] = value->get<std::string>();
  }
  return found;
}

absl::StatusOr<std::string> DockerEngine::Create(const std::string& name,
                                                 const Json& settings) const {
  const HttpRequest call = {"POST", absl::StrCat("/containers/create?name=", name),
                            settings.dump(-1, ' ', false, Json::error_handler_t::replace)};
  const auto reply = Ask(socket_, call);
  if (!reply.ok()) return reply.status();
  const std::string id = TextAt(ParseJson(reply->body), {"Id"});
  if (reply->code == 201 && IsName(id)) return id;
  return absl::UnavailableError(absl::StrCat("cannot create ", name, ": ", Complaint(*reply)));
}

absl::Status DockerEngine::Start(const std::string& id) const {
  const HttpRequest call = {"POST", absl::StrCat("/containers/", id, "/start"), ""};
  const auto reply = Ask(socket_, call);
  if (!reply.ok()) return reply.status();
  return reply->code == 204 ? absl::OkStatus() : absl::AbortedError(Complaint(*reply));
}

absl::Status DockerEngine::Remove(const std::string& id) const {
  const HttpRequest call = {"DELETE", absl::StrCat("/containers/", id, "?force=true&v=true"), ""};
  const auto reply = Ask(socket_, call);
  if (!reply.ok()) return reply.status();
  if (reply->code == 204 || reply->code == 404) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("cannot remove the container ", id, ": ", Complaint(*reply)));
}

absl::StatusOr<std::string> DockerEngine::CreateVolume(
    const std::string& name, const std::map<std::string, std::string>& labels) const {
  const Json settings = {{"Name", name}, {"Labels", labels}};
  const auto reply = Ask(socket_, {"POST", "/volumes/create", settings.dump()});
  if (!reply.ok()) return reply.status();
  const std::string directory = TextAt(ParseJson(reply->body), {"Mountpoint"});
  if (reply->code == 201 && !directory.empty()) return directory;
  return absl::UnavailableError(
      absl::StrCat("cannot create the volume ", name, ": ", Complaint(*reply)));
}

absl::Status DockerEngine::RemoveVolume(const std::string& name) const {
  const auto reply = Ask(socket_, {"DELETE", "/volumes/" + PercentEncode(name, ""), ""});
  if (!reply.ok()) return reply.status();
  if (reply->code == 204 || reply->code == 404) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("cannot remove the volume ", name, ": ", Complaint(*reply)));
}

absl::StatusOr<std::map<std::string, std::string>> DockerEngine::LabelledVolumes(
    const std::string& label) const {
  const std::string filters = Json{{"label", {label}}}.dump();
  const auto reply = Ask(socket_, {.target = "/volumes?filters=" + PercentEncode(filters, "")});
  if (!reply.ok()) return reply.status();
  const Json answer = ParseJson(reply->body);
  if (reply->code != 200)
    return absl::UnavailableError(absl::StrCat("cannot list volumes: ", Complaint(*reply)));
  std::map<std::string, std::string> found;
  if (const Json* const volumes = At(answer, {"Volumes"}); volumes && volumes->is_array())
    for (const Json& volume : *volumes)
      if (const std::string name = TextAt(volume, {"Name"}); !name.empty())
        found[name] = TextAt(volume, {"Labels", label.c_str()});
  return found;
}

}  // namespace capmon
