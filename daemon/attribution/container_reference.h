// SPDX-License-Identifier: Apache-2.0
// Resolves references that users write to containers. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/model/container.h"
#include "daemon/model/workload.h"

namespace capmon {

// The key of the one container meant by `reference`. Forms, strongest first where several fit:
//   host                          everything on the host that is nothing else
//   NAME | ID                     exact
//   unit:NAME[.service]           the system's unit before a user's
//   cgroup:/PATH                  its own cgroup or any below it
//   image:REF                     registry and tag may be left off
//   deploy/NAME ds/ sts/ job/     the workload; also cronjob/, static/, compose:PROJECT/SERVICE
//   RUNTIME://ID                  a unique prefix will do
//   NAMESPACE/POD[/CONTAINER]
//   NAMESPACE/NAME[/CONTAINER]    the workload, also NAMESPACE/deploy/NAME[/CONTAINER]
//   docker:NAME, label:NAME, ...  a workload as Print() spells it
//   a unique prefix of an id      4 or more characters
// "pid:N" and "self" depend on /proc: the caller turns them into "cgroup:/PATH" first.
//
// A running container wins over ended ones; of several ended ones of one name the newest is meant.
// NOT_FOUND (with the nearest name), FAILED_PRECONDITION (with the candidates), INVALID_ARGUMENT
// (an empty reference).
absl::StatusOr<std::string> Resolve(const std::string& reference,
                                    const std::vector<const Container*>& containers);

// The workload, or one container of it, that a reference means.
struct Referred {
  std::optional<Workload> workload;
  std::string key;  // of a container, if the reference means only that
};

// Means the same containers as Resolve(). Ids, paths and pods mean a container, and so does the
// name of one container of a larger workload. Any other reference means the workload, if all
// matches are of one. FAILED_PRECONDITION lists the workloads if there are several.
absl::StatusOr<Referred> ResolveWorkload(const std::string& reference,
                                         const std::vector<const Container*>& containers);

}  // namespace capmon
