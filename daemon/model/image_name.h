// SPDX-License-Identifier: Apache-2.0
// The name of an image in its parts. A value.
#pragma once

#include <string>
#include <string_view>

namespace capmon {

// Of "docker.io/library/nginx:1.25@sha256:...":
struct ImageName {
  std::string path;    // "docker.io/library/nginx"
  std::string name;    // "nginx": Docker Hub, which is assumed where no registry is named, left out
  std::string tag;     // "1.25"; "" without one
  std::string digest;  // "sha256:..."; "" without one
};

ImageName ParseImageName(std::string_view image);

}  // namespace capmon
