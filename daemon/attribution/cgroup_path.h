// SPDX-License-Identifier: Apache-2.0
// Derives the container from a cgroup's path. Pure.
#pragma once

#include <string>
#include <string_view>

#include "daemon/model/container.h"

namespace capmon {

// Reads every component; the OUTERMOST container component decides. A process in a container can
// create cgroups with any name, so nothing below it is a container of its own, even if a runtime or
// a kubelet runs in it (Docker in Docker, kind): the rest of the path is `inner`.
//
// Bytes that are not printable UTF-8 become "\xNN". The host's own path is "/". A path that no
// kernel creates (empty, too long, ".." anywhere but in front) is kUnknown.
CgroupIdentity IdentifyCgroup(std::string_view path);

// Converts a runtime's path of a container to IdentifyCgroup's spelling. Empty if it cannot be a
// container: the root, a slice, a unit, a login session.
std::string ContainerPath(std::string_view path);

// Returns "1000" for a path in that user's slice, "/user.slice/user-1000.slice/...", in
// IdentifyCgroup's spelling; "" elsewhere.
std::string UserOfSlice(std::string_view path);

// 64 lower-case hexadecimal digits, as in the container ids of most runtimes.
bool IsLongId(std::string_view id);

}  // namespace capmon
