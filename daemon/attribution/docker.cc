// SPDX-License-Identifier: Apache-2.0
#include "daemon/attribution/docker.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/attribution/cgroup_path.h"
#include "daemon/attribution/docker_answer.h"
#include "daemon/base/wall_clock.h"

namespace capmon {
namespace {

// /events?filters={"type":["container"],"event":["create","rename","start","update"]}
constexpr char kEvents[] =
    "/events?filters=%7B%22type%22%3A%5B%22container%22%5D%2C%22event%22%3A%5B%22create%22%2C"
    "%22rename%22%2C%22start%22%2C%22update%22%5D%7D";

absl::Status BadAnswer(const std::string& target, long code) {
  return absl::UnavailableError(
      absl::StrCat("query ", target, ": the answer (HTTP ", code, ") is not one of Docker"));
}

}  // namespace

// The id becomes part of a URL, so only Docker's own form is accepted.
bool DockerSource::Handles(const ContainerRef& wanted) const { return IsLongId(wanted.id); }

absl::Status DockerSource::Get(const std::string& target, std::stop_token stop,
                               HttpAnswer& answer) const {
  auto got = AskOverUnixSocket(socket_, {.target = target}, limits_, stop);
  if (!got.ok()) return got.status();
  answer = *std::move(got);
  if (answer.code == 200 || answer.code == 404) return absl::OkStatus();
  return BadAnswer(target, answer.code);
}

ContainerDescribed DockerSource::Signed(ContainerDescribed described,
                                        const HttpAnswer& answer) const {
  const bool of_system = answer.peer == 0 || answer.peer == ::geteuid();
  (of_system ? described.engine : described.by_user) =
      of_system ? engine_ : absl::StrCat(answer.peer);
  return described;
}

absl::Status DockerSource::ListAll(const Answers& answers, std::stop_token stop) {
  const std::string target = "/containers/json?all=1";
  HttpAnswer answer;
  const absl::Status status = Get(target, stop, answer);
  // Too many containers for one answer; each can still be queried.
  if (absl::IsResourceExhausted(status)) return absl::OkStatus();
  if (!status.ok()) return status;
  auto containers = ParseContainerList(answer.body, WallClock());
  if (!containers) return BadAnswer(target, answer.code);
  // The list is newest first; over the limit the oldest are dropped.
  std::ranges::reverse(*containers);
  for (ListedContainer& listed : *containers) {
    const std::string id = listed.described.container_id;
    if (!IsLongId(id)) continue;
    answers.emit(Signed(std::move(listed.described), answer));
    if (listed.running) answers.inspect_later(id);
  }
  return absl::OkStatus();
}

absl::Status DockerSource::Check(const Answers&, std::stop_token stop) {
  HttpAnswer pong;
  return Get("/_ping", stop, pong);
}

absl::StatusOr<Found> DockerSource::Inspect(const ContainerRef& wanted, const Answers& answers,
                                            std::stop_token stop) {
  const std::string target = absl::StrCat("/containers/", wanted.id, "/json");
  HttpAnswer answer;
  const absl::Status status = Get(target, stop, answer);
  if (!status.ok()) return status;
  if (answer.code == 404) return Found::kNo;  // a container of another runtime
  auto described = ParseContainer(answer.body, WallClock());
  if (!described || described->container_id != wanted.id) return BadAnswer(target, answer.code);
  if (WantsImageLabels(*described)) {
    // Without an answer the labels are not believed.
    const std::string digest =
        described->image_digest.substr(described->image_digest.find(':') + 1);
    HttpAnswer image;
    if (Get(absl::StrCat("/images/", digest, "/json"), stop, image).ok() && image.code == 200)
      BelieveLabels(image.body, *described);
  }
  answers.emit(Signed(*std::move(described), answer));
  return Found::kYes;
}

absl::Status DockerSource::Watch(const std::function<void(const std::string& id)>& changed,
                                 std::stop_token stop) {
  const auto on_line = [&](const std::string& line) {
    if (const std::string id = ParseEvent(line); IsLongId(id)) changed(id);
  };
  return StreamOverUnixSocket(socket_, kEvents, on_line, stop);
}

}  // namespace capmon
